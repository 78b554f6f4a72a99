import { SOCKET_OPEN } from "../bounds.ts";
import {
  OPENED_SUBPROTOCOL,
  offeredWith,
  SUBPROTOCOL,
  type ReceivedFrame,
  type WebSocketConstructor,
  type WebSocketLike,
} from "@parlor/protocol";
import type { Transport, TransportConnection, TransportListener } from "./transport.ts";

/**
 * The full protocol over one WebSocket: one frame a message, whose data is a text, or what an encoding has read.
 *
 * The opening goes with the request for the socket, which saves a round trip; a server that did not take it there
 * is told again. Not over a class of sockets that would not say what the server chose.
 *
 * @param passes Whether to send a text at all, to a socket as full as that. Default: all of them.
 */
export function webSocketTransport(
  url: string,
  socketClass: WebSocketConstructor,
  passes?: (text: string, bufferedAmount: number) => boolean,
): Transport {
  return { kind: "websocket", open };

  function open(listener: TransportListener): TransportConnection {
    let socket: WebSocketLike | null = null;
    let isOver = false;
    const mayOpenEarly = "protocol" in (socketClass as unknown as { readonly prototype: object }).prototype;
    // Node's `error` event has a sentence that its `close` event lacks; a browser's says nothing.
    let words = "";
    const end = (code: number, reason: string): void => {
      if (!isOver) listener.onClose({ code, reason: reason || words });
      isOver = true;
    };
    const connection: TransportConnection = {
      send(text) {
        if (socket?.readyState === SOCKET_OPEN && passes?.(text, socket.bufferedAmount ?? 0) !== false)
          socket.send(text);
      },
      close() {
        isOver = true;
        socket?.close(1000);
      },
    };
    try {
      socket = new socketClass(url, mayOpenEarly ? offeredWith(listener.opening()) : [SUBPROTOCOL]);
      socket.onopen = () => {
        if (isOver) return;
        if (socket?.protocol === OPENED_SUBPROTOCOL) listener.onEarly?.();
        else for (const text of listener.opening()) connection.send(text);
        listener.onOpen();
      };
      // Bytes are no frame, and the codec refuses these in words.
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }: MessageEvent<ReceivedFrame>) => isOver || listener.onText(data);
      socket.onerror = ({ message }: { readonly message?: string }) => {
        words = message ?? "";
      };
      socket.onclose = ({ code, reason }: CloseEvent) => end(code, reason);
    } catch (error) {
      // A blocked port, a rule against mixed content: a connection that ended at once.
      words = String(error);
      queueMicrotask(() => end(1006, ""));
    }
    return connection;
  }
}
