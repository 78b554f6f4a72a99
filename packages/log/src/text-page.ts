import { encodeMessage } from "@parlor/protocol";
import type { Page, TextPage } from "./room-log.ts";

const ENCODER = new TextEncoder();

/**
 * The page's messages as one JSON text, as many as fit into `maxBytes` of it, from the end that was asked for:
 * the oldest going forward, the newest going back. One at least, where there is one.
 */
export function toTextPage(page: Page, isForward: boolean, maxBytes: number): TextPage {
  const { epoch, head, earliest, messages: all } = page;
  const texts = all.map(encodeMessage);
  const order = isForward ? texts.keys() : [...texts.keys()].reverse();
  let bytes = 0;
  let kept = 0;
  for (const index of order) {
    bytes += Buffer.byteLength(texts[index] as string) + 1;
    if (kept > 0 && bytes > maxBytes) break;
    kept += 1;
  }
  const [from, to] = isForward ? [0, kept] : [all.length - kept, all.length];
  const messages = all.slice(from, to);
  return {
    epoch,
    head,
    earliest,
    // With memory of its own, so that it can be handed from one thread to another.
    text: ENCODER.encode(texts.slice(from, to).join(",")),
    offsets: Float64Array.from(messages, ({ offset }) => offset),
    authors: messages.map((message) => message.from),
    more: page.more || kept < all.length,
  };
}
