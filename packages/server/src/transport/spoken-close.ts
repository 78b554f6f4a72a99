import { WebSocket } from "ws";

/** Why the library closes a connection by itself, for people. */
const SENTENCES: Readonly<Record<number, string>> = {
  1002: "a frame broke the rules of RFC 6455",
  1007: "a text was not valid UTF-8",
  1008: "a message came in too many pieces",
  1009: "a frame was larger than it may be",
};

/** A WebSocket that never closes without a reason in words. Rule: docs/protocol.md [REFUSE-59]. */
export class SpokenWebSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    const sentence = code === undefined ? undefined : SENTENCES[code];
    super.close(code, reason ?? sentence);
  }
}
