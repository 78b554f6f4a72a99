import { DEFAULT_PAGE_MESSAGES, type ErrorFrame, type HistoryFrame } from "@parlor/protocol";
import { readHistoryPage } from "./history-page.ts";
import { refusalOf } from "./refusal-of.ts";
import type { Services } from "./services.ts";

/** What a `history` frame is answered with: a page as the text of its frame, or why there is none. */
export async function historyAnswer(
  frame: HistoryFrame,
  services: Services,
): Promise<readonly Buffer[] | ErrorFrame> {
  try {
    const page = await readHistoryPage(services.log, {
      room: frame.room,
      before: frame.before,
      limit: frame.limit ?? DEFAULT_PAGE_MESSAGES,
      related: frame.related === true,
    });
    const related = page.related === null ? "" : `,"related":[${page.related.join(",")}]`;
    const before =
      `{"type":"history","id":${frame.id},"room":${JSON.stringify(frame.room)},` +
      `"epoch":${JSON.stringify(page.epoch)},"earliest":${page.earliest},"messages":[`;
    const behind = `]${related},"more":${page.more}}`;
    return [Buffer.from(before), page.text, Buffer.from(behind)];
  } catch (error) {
    const { code, message } = refusalOf(error, services);
    return { type: "error", to: "history", room: frame.room, id: frame.id, code, message };
  }
}
