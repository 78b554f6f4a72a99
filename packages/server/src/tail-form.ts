import type { OutgoingHttpHeaders } from "node:http";
import type { Message, Position } from "@parlor/protocol";
import type { BatchEncoder, EncodedBatch } from "./room/encoded-batch.ts";
import type { StartPosition } from "./room/start-position.ts";
import { toMessage } from "./room-handle.ts";
import type { Refusal } from "./session/hooks.ts";
import type { FeedForm } from "./transport/feed-form.ts";

/** Where a reader of a tail begins: behind `after`, with what is `lost` or `skipped` before it. */
export type TailStart = StartPosition;

/** Consecutive messages of one room, behind `after`. */
export interface TailBatch {
  readonly room: string;
  readonly epoch: string;
  readonly after: number;
  readonly messages: readonly Message[];
}

/**
 * How messages look. Use one object for all readers to whom they look alike: it is asked once for each
 * batch, and the same bytes go to all of them. Must not throw.
 */
export interface TailMessages {
  write(batch: TailBatch): string;
}

/**
 * The tail of a room in a form of the host's own, such as HTML: what is written to one reader, as text that
 * is sent in UTF-8. Nothing is escaped for it. None of its methods may throw.
 */
export interface TailForm {
  /** Of the answer: its `content-type`, and what else it needs. That nobody may keep it is added. */
  readonly headers: OutgoingHttpHeaders;
  /** Once, before everything else. */
  begin(start: TailStart): string;
  /** Later, where the chain began anew: something was lost, or the room's history is another one. */
  beginAgain(start: TailStart): string;
  readonly messages: TailMessages;
  /** Written into a silence of `heartbeatMs`; something that shows nothing. */
  readonly stillHere: string;
  /** The last words where a right was withdrawn or the room deleted; `reached` is the last message written. */
  refused(refusal: Refusal, reached: Position): string;
  /** The last words where the server stops; come back behind `reached` in about `retryAfterMs`. */
  bye(retryAfterMs: number, reached: Position): string;
}

/** A host's form as a feed takes it. */
export function feedForm(form: TailForm): FeedForm {
  let hasBegun = false;
  return {
    headers: form.headers,
    messages: encoderOf(form.messages),
    begin(start) {
      if (hasBegun) return form.beginAgain(start);
      hasBegun = true;
      return form.begin(start);
    },
    stillHere: form.stillHere,
    refused: (refusal, reached) => form.refused(refusal, reached),
    bye: (retryAfterMs, reached) => form.bye(retryAfterMs, reached),
  };
}

/** Batches keep their bytes by the encoder, so one look has one encoder, for as long as the host holds it. */
const encoders = new WeakMap<TailMessages, BatchEncoder>();

function encoderOf(messages: TailMessages): BatchEncoder {
  let encoder = encoders.get(messages);
  if (encoder === undefined) {
    encoder = {
      // The host decides how many bytes it makes of a message.
      isBulky: true,
      encode: (batch: EncodedBatch) => {
        const { room, epoch, after } = batch;
        const text = messages.write({ room, epoch, after, messages: batch.messages.map(toMessage) });
        return text === "" ? null : Buffer.from(text, "utf8");
      },
    };
    encoders.set(messages, encoder);
  }
  return encoder;
}
