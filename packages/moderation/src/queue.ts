import { bodyToJson } from "@parlor/protocol";
import type { Parlor } from "@parlor/server";
import type { Held, Report, RoomPolicy } from "./room-policy.ts";
import type { ContextMessage, HeldShown, ReportShown } from "./shapes.ts";

/** Messages before and behind one that was reported. */
const AROUND = 2;

/** JSON of one body, and of an answer, which is bounded as a message is. */
const MAX_BODY_CHARACTERS = 1_200;
const MAX_ANSWER_CHARACTERS = 40_000;

export interface Queue {
  readonly reports: ReportShown[];
  readonly held: HeldShown[];
}

/** What waits for a moderator of a room, the oldest first, as much as an answer holds. */
export async function queueOf(parlor: Parlor, policy: RoomPolicy): Promise<Queue> {
  const queue: Queue = { reports: [], held: [] };
  let left = MAX_ANSWER_CHARACTERS;
  for (const held of policy.held.values()) {
    const shown = heldShown(policy.room, held);
    left -= JSON.stringify(shown).length;
    if (left < MAX_ANSWER_CHARACTERS / 2) break;
    queue.held.push(shown);
  }
  for (const report of policy.reports.values()) {
    const shown = await reportShown(parlor, policy.room, report);
    left -= JSON.stringify(shown).length;
    if (left < 0) break;
    queue.reports.push(shown);
  }
  return queue;
}

export function heldShown(room: string, { id, from, at, body }: Held): HeldShown {
  return { room, id, from, at, body: shortBody(body) };
}

export async function reportShown(parlor: Parlor, room: string, report: Report): Promise<ReportShown> {
  const { offset, from, firstAt, count, reasons, words, reporters } = report;
  const handle = parlor.room(room);
  const [before, after] = await Promise.all([
    handle.readBefore({ before: offset, limit: AROUND }),
    handle.read({ after: offset - 1, limit: AROUND + 1 }),
  ]);
  const context = [...before.messages, ...after.messages].map(
    (each): ContextMessage => ({
      offset: each.offset,
      from: each.from,
      at: each.at,
      body: shortBody(each.body),
    }),
  );
  return {
    room,
    offset,
    count,
    reasons,
    words: [...words.values()],
    firstAt,
    reporters: [...reporters.keys()],
    from,
    context,
  };
}

/** What is long is shown by its beginning. */
function shortBody(body: unknown): unknown {
  const json = bodyToJson(body) ?? "null";
  if (json.length <= MAX_BODY_CHARACTERS) return body;
  const text = typeof body === "object" && body !== null && "text" in body ? String(body.text) : json;
  return { text: `${text.slice(0, MAX_BODY_CHARACTERS / 2).toWellFormed()}…` };
}
