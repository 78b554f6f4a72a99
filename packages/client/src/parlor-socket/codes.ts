/** The numbers of a WebSocket. */

export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSING = 2;
export const CLOSED = 3;

export const MAX_REASON_BYTES = 123;

export const NO_STATUS = 1005;
export const BROKEN = 1006;
/** It would not have this client, for a reason without a code of its own. */
export const POLICY = 1008;

/** How long `close()` waits for the server to have what was sent before it. */
export const CLOSE_TIMEOUT_MS = 10_000;
