/**
 * The shared worker of `handovers.ts`, in the browser: it reaches the server over WebSockets alone, so that its
 * connections can be counted. Where a machine is slow, others would be tried beside it.
 */
import "@parlor/client/tabs/worker";

globalThis.fetch = () => Promise.reject(new TypeError("This worker makes no requests."));
