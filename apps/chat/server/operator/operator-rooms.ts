import type { Retention, RoomLog, RoomSummary, StoredMessage } from "@parlor/log";
import type { ModeratedRoom, Moderation } from "@parlor/moderation";
import { bodyFromJson, isJsonObject } from "@parlor/protocol";
import type { Parlor } from "@parlor/server";
import { roomsOf } from "./written-by.ts";

/** Of one answer: rooms that are shown, and those that are looked at for a name. */
const MAX_SHOWN = 50;
const MAX_LOOKED_AT = 20_000;

const NEWEST = 20;
/** Messages among which acts are looked for. */
const ACTS_AMONG = 500;
const MAX_MEMBERS = 100;
const MAX_EXCERPT = 200;

export interface ShownMessage {
  readonly offset: number;
  readonly from: string;
  readonly at: number;
  /** What it says, cut; null where it was erased. */
  readonly text: string | null;
}

export interface RoomsPage {
  readonly rooms: readonly (RoomSummary & { readonly last: ShownMessage | null })[];
  /** Where to go on; null at the end. */
  readonly next: string | null;
}

/** Rooms by name, behind `after`, whose name holds `find`, whatever the case. */
export async function listRooms(log: RoomLog, find: string, after: string): Promise<RoomsPage> {
  const wanted = find.toLowerCase();
  const found: RoomSummary[] = [];
  let [lookedAt, next] = [0, null as string | null];
  for await (const summary of roomsOf(log, false, after)) {
    lookedAt += 1;
    if (summary.room.toLowerCase().includes(wanted)) found.push(summary);
    if (found.length < MAX_SHOWN && lookedAt < MAX_LOOKED_AT) continue;
    next = summary.room;
    break;
  }
  const rooms = await Promise.all(
    found.map(async (summary) => {
      const page = await log.readBefore(summary.room, Infinity, { maxMessages: 1, maxBytes: 1 });
      return { ...summary, last: page.messages.map(shown)[0] ?? null };
    }),
  );
  return { rooms, next };
}

export interface RoomDetails {
  readonly room: string;
  readonly epoch: string;
  readonly head: number;
  readonly earliest: number;
  /** Who is shown as there, in every process; null for more than are named. */
  readonly members: readonly string[] | null;
  readonly memberCount: number;
  readonly newest: readonly ShownMessage[];
  /** How many are kept, what their bodies take, and when the newest was written; null where there is nothing. */
  readonly kept: Pick<RoomSummary, "messages" | "bytes" | "lastAt"> | null;
  /** How much of each room is kept at most; null for all of it. */
  readonly retention: Readonly<Record<keyof Retention, number | null>>;
  /** Null where nobody ever did anything. */
  readonly rules: ModeratedRoom | null;
  /** What moderators did among the newest messages, the newest first. */
  readonly acts: readonly ShownMessage[];
}

export async function roomDetails(
  parlor: Parlor,
  log: RoomLog,
  moderation: Moderation,
  retention: Retention,
  room: string,
): Promise<RoomDetails> {
  const { count, members } = await parlor.room(room).presence();
  const lately = await log.readBefore(room, Infinity, { maxMessages: ACTS_AMONG, maxBytes: 1_048_576 });
  const page = await log.readBefore(room, Infinity, { maxMessages: NEWEST, maxBytes: 262_144 });
  const { epoch, head, earliest } = page;
  return {
    room,
    epoch,
    head,
    earliest,
    members: members === null ? null : [...members.keys()].slice(0, MAX_MEMBERS),
    memberCount: count,
    newest: page.messages.map(shown),
    kept: await keptOf(log, room),
    retention: {
      messages: limitOf(retention.messages),
      days: limitOf(retention.days),
      bytes: limitOf(retention.bytes),
    },
    rules: moderation.asOperator.room(room),
    acts: lately.messages.flatMap(actShown).slice(-NEWEST).toReversed(),
  };
}

/** What the log counts of one room, asked for by its name. */
export async function keptOf(log: RoomLog, room: string): Promise<RoomDetails["kept"]> {
  const found = (await log.rooms(justBefore(room), 2)).find((summary) => summary.room === room);
  if (found === undefined) return null;
  const { messages, bytes, lastAt } = found;
  return { messages, bytes, lastAt };
}

/** A log tells rooms by name from behind one on: the last name that could stand before this one, or nearly. */
function justBefore(room: string): string {
  const characters = [...room];
  const last = characters.pop()?.codePointAt(0) ?? 0;
  if (last === 0) return characters.join("");
  const before = last === AFTER_SURROGATES ? BEFORE_SURROGATES : last - 1;
  return `${characters.join("")}${String.fromCodePoint(before, 0x10_ffff)}`;
}

/** Between them is no character. */
const BEFORE_SURROGATES = 0xd7ff;
const AFTER_SURROGATES = 0xe000;

/** JSON has no Infinity. */
function limitOf(limit: number): number | null {
  return Number.isFinite(limit) ? limit : null;
}

/** By whom it was done, where it is told what moderators did. */
function actShown(message: StoredMessage): ShownMessage[] {
  const { from, bodyJson } = message;
  if (from !== "@server" || bodyJson === null) return [];
  const body = bodyFromJson(bodyJson);
  const act = isJsonObject(body) ? body["act"] : undefined;
  if (!isJsonObject(act) || typeof act["by"] !== "string") return [];
  return [{ ...shown(message), from: act["by"] }];
}

export function shown({ offset, from, at, bodyJson }: StoredMessage): ShownMessage {
  return { offset, from, at, text: bodyJson === null ? null : excerptOf(bodyJson) };
}

function excerptOf(bodyJson: string): string {
  const body = bodyFromJson(bodyJson);
  const text = isJsonObject(body) && typeof body["text"] === "string" ? body["text"] : body;
  const whole = typeof text === "string" ? text : bodyJson;
  return whole.length > MAX_EXCERPT ? `${whole.slice(0, MAX_EXCERPT)}…` : whole;
}
