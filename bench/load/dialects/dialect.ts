/** How the members of a room speak with one kind of server. */
export interface Dialect {
  readonly path: string;
  readonly subprotocol: string | null;
  /** What member number `member` sends once its WebSocket is open. */
  join(member: number): readonly string[];
  /** Frames that a member is sent until it hears what is published. */
  readonly framesToJoin: number;
  /** The frame that publishes `text`, as the member's publish number `seq` in its room. */
  publish(text: string, seq: number): string;
  /** A reader of one member's frames: the published texts in each. It throws where a frame must not be. */
  reader(): (frame: string) => readonly string[];
}

export type DialectName = "parlor" | "parlor-plain" | "ws" | "batched-ws" | "socket.io";
