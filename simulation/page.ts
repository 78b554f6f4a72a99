/**
 * Whoever takes part is a page, as most clients are. Elsewhere a client holds its process by a message port, and
 * ports that are made by the ten thousand, and let go of late, were a good part of a run's time.
 */
Object.defineProperty(globalThis, "document", { value: { location: { origin: "http://simulated.test" } } });
