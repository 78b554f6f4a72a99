/** What is used of the platform's `WebSocket`; browsers, workers and Node 22 and later have it. */
export interface WebSocketLike {
  readonly readyState: number;
  /** Bytes that the network has not taken. @default unknown: nothing is dropped */
  readonly bufferedAmount?: number;
  /** The subprotocol that the server chose; an accessor of the class. @default the one that every server speaks */
  readonly protocol?: string;
  /** Set to "arraybuffer". */
  binaryType?: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;
