import type { IncomingHttpHeaders } from "node:http";
import type { ConnectionTrace } from "../room/connection-trace.ts";
import type { CloseReason } from "../room/counters.ts";
import type { EncodedBatch } from "../room/encoded-batch.ts";
import type { SharedFrames } from "../room/shared-frames.ts";

/**
 * One network attachment, as a session sees it: the port that each transport implements.
 *
 * What is handed over is sent in order, or the connection ends. Nothing waits here but bytes, and their
 * number decides what may follow: past the mark the caller stops feeding, and goes on at `drained`. What
 * is handed to one that is closing or gone is dropped, and it says that it is writable, so that nobody waits.
 *
 * Every implementation runs `describeConnectionContract` of the testkit.
 */
export interface Connection {
  /** The peer's address, behind trusted proxies the one they name. */
  readonly address: string;
  /** Of the upgrade or request, for the host's hook; null where nobody will ask. */
  readonly headers: IncomingHttpHeaders | null;
  /** What the operator is told of it; null where nobody wants to know. */
  readonly trace: ConnectionTrace | null;
  /** Whether the send buffer is below its mark. */
  readonly isWritable: boolean;
  /** Whether so little waits to be sent that what may be lost, and is stale soon, may be added. */
  readonly takesSignals: boolean;
  /** Whether it takes state now; one that does not calls its session's `drained` or `takesState` when it does. */
  readonly takesState: boolean;
  /** Where `ping` is answered, so that how far the peer has read can be asked: on it, by another request, or not at all. */
  readonly pongs: "here" | "apart" | "never";
  /** Whether it is one request, so that whoever speaks on it has another one in a moment: rates are theirs, not its. */
  readonly isOneRequest?: boolean;
  /** Sends one frame. May gather with others of the same turn of the event loop. */
  send(text: FrameText): void;
  /** Sends a batch in this transport's form; answers whether the send buffer is still below its mark. */
  deliver(batch: EncodedBatch): boolean;
  /** Sends frames that others are sent, too, in this transport's form. */
  sendShared(frames: SharedFrames): void;
  /** Takes no more frames from the peer until `resumeReading`; what arrived already may still come. */
  pauseReading(): void;
  resumeReading(): void;
  /**
   * Whether a whole state, once begun, is handed over to its end although `isWritable` turns false: for a
   * connection that ends when it is full, since the next one would have to begin the state again.
   */
  readonly takesWholeState?: boolean;
  /** It ends, and the next one of the same client may go on with the room's signals behind this mark: for polls. */
  goesOnFrom?(room: string, mark: string): void;
  /** A frame that gets no answer has been done; for a transport that waits for each. */
  unanswered?(): void;
  close(reason: CloseReason, message: string): void;
}

/**
 * One frame as JSON text, or that text in UTF-8 as it lies in several places: of a page of history only what stands
 * around its messages is made anew for each who asks.
 */
export type FrameText = string | readonly Buffer[];

export function isFrameText(frame: object | string): frame is FrameText {
  return typeof frame === "string" || Array.isArray(frame);
}

/** For transports that send texts only. */
export function textOf(frame: FrameText): string {
  return typeof frame === "string" ? frame : Buffer.concat(frame).toString("utf8");
}

export type { CloseReason } from "../room/counters.ts";
