import type { WebSocket } from "ws";

/**
 * Whether a WebSocket's next frame waits for the next turn of the event loop, and what comes behind it as well.
 * The library can do so, but offers it for all frames of a connection or for none; frames that are
 * far between would each wait for nothing.
 */
export function deferFrames(webSocket: WebSocket, areDeferred: boolean): void {
  const { _receiver: receiver } = webSocket as unknown as {
    readonly _receiver: { _allowSynchronousEvents: boolean } | null;
  };
  if (receiver !== null) receiver._allowSynchronousEvents = !areDeferred;
}
