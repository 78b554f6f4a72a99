import type { HistoryPageFrame, Message } from "@parlor/protocol";

/** A part of a page of history, as if it had been asked for by itself with `before`. */
export interface PageSlice {
  readonly before: number;
  readonly page: HistoryPageFrame;
  /** What stands right above it in the page. */
  readonly above?: Message | undefined;
}

/** Messages that are drawn at a time: so many cost a slow phone a few ms, and fifty a frame or two. */
export const SLICE_MESSAGES = 6;

/**
 * Cuts a page into slices of a few messages, each with what is said about them. Folded in their order each
 * follows on from what is shown: what is `older` is read upwards, so its newest slice comes first.
 */
export function pageSlices(
  page: HistoryPageFrame,
  before: number,
  direction: "older" | "newer",
): readonly PageSlice[] {
  const { messages, related = [] } = page;
  if (messages.length <= SLICE_MESSAGES) return [{ before, page }];
  const slices: PageSlice[] = [];
  for (let begin = 0; begin < messages.length; begin += SLICE_MESSAGES) {
    const end = begin + SLICE_MESSAGES;
    const [from, to] = [messages[begin]?.offset ?? 0, messages[end]?.offset ?? Infinity];
    slices.push({
      before: messages[end]?.offset ?? before,
      above: messages[begin - 1],
      page: {
        ...page,
        messages: messages.slice(begin, end),
        related: related.filter(({ re = 0 }) => re >= from && re < to),
        more: begin > 0 || page.more,
      },
    });
  }
  return direction === "older" ? slices.reverse() : slices;
}
