/** What a page tells of one connection. */
export interface Heard {
  /** From when the client was made until it had the first message, ms. */
  readonly ms: number;
  /** What carried it. */
  readonly transport: string;
}

declare global {
  // A page's own global, called from outside.
  var firstMessage: (() => Promise<Heard>) | undefined;
}

/** Makes a page that connects when it is asked to, and tells how long the first message took. */
export function measured(connect: (heard: (transport: string) => void) => Promise<void>): void {
  globalThis.firstMessage = async () => {
    const startedMs = performance.now();
    let result: Heard = { ms: Infinity, transport: "" };
    await connect((transport) => {
      result = { ms: performance.now() - startedMs, transport };
    });
    return result;
  };
}
