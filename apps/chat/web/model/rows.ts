import type { Message } from "@parlor/protocol";
import { actOf } from "./acts.ts";
import { dayOf, type Day } from "./day.ts";
import { earlierId, echoId, type Echo, type EchoState } from "./echoes.ts";
import { foldMessage, NOTHING_TOLD, type FoldedMessage, type Reaction, type Told } from "./fold.ts";
import { shownBody, type ShownBody } from "./message-body.ts";
import { pendingChanges, withPending, type PendingChange } from "./pending-entries.ts";
import type { LostStretch, Run } from "./run.ts";

/** One line of what is shown of a room, top to bottom. */
export type Row =
  | { readonly kind: "day"; readonly key: string; readonly day: Day }
  /** What was not read yet begins. */
  | { readonly kind: "unread"; readonly key: string }
  | { readonly kind: "notice"; readonly key: string; readonly sentence: string }
  /** What a moderator did. */
  | { readonly kind: "act"; readonly key: string; readonly message: Message }
  | MessageRow;

export interface MessageRow {
  readonly kind: "message";
  /** Stays the same when an echo becomes the message it stood for. */
  readonly key: string;
  /** Its offset; null for an echo. */
  readonly offset: number | null;
  /** The author's identity; null for an echo from before the first welcome. */
  readonly from: string | null;
  readonly at: number;
  readonly body: ShownBody;
  readonly isEdited: boolean;
  readonly reactions: readonly Reaction[];
  readonly preview?: FoldedMessage["preview"];
  /** What one changes about it and is not in the room yet, or was refused; null for nothing. */
  readonly change: PendingChange | null;
  readonly isOwn: boolean;
  /** Its author is shown: another one than before, or some minutes later. */
  readonly startsGroup: boolean;
  /** Null once it is in the room. */
  readonly echo: EchoState | null;
}

export interface Self {
  readonly identity: string | null;
  readonly producer: string;
}

/** Messages of one author within this time, in ms, are one group. */
export const GROUP_MS = 5 * 60_000;

// What is folded is one object for as long as it says the same, and so is its row: the view draws nothing of it anew.
const laidOut = new WeakMap<FoldedMessage, MessageRow>();

/** The last moment that a calendar can name; behind it a date throws. */
const LAST_MOMENT_MS = 8.64e15;

/**
 * Lays out a run, what is told of its messages, and the echoes behind it. Pure: the same log gives the same
 * rows on every page.
 */
export function layOutRows(
  run: Run,
  echoes: readonly Echo[],
  self: Self,
  told: Told = NOTHING_TOLD,
  readTo: number | null = null,
): readonly Row[] {
  const rows: Row[] = [];
  const group = new Grouping();
  let toldDay: Day | null = null;
  const delivered = new Set<string>();
  let lostIndex = 0;
  const tellLost = (before: number): void => {
    for (let lost = run.lost[lostIndex]; lost !== undefined && lost.from < before; ) {
      rows.push({ kind: "notice", key: `lost-${lost.from}`, sentence: lostSentence(lost) });
      group.end();
      lost = run.lost[++lostIndex];
    }
  };
  const pushDay = (at: number): Day => {
    const day = dayOf(at);
    if (day !== toldDay) rows.push({ kind: "day", key: `day-${day}`, day });
    toldDay = day;
    return day;
  };
  const push = (
    told: Omit<MessageRow, "kind" | "startsGroup" | keyof FoldedMessage>,
    says: FoldedMessage,
  ): void => {
    const { key, from, isOwn, change } = told;
    const at = shownTime(told.at);
    const startsGroup = group.next({ from, at, body: says.body }, pushDay(at));
    let row = laidOut.get(says);
    if (row?.key !== key || row.startsGroup !== startsGroup || row.isOwn !== isOwn || row.change !== change)
      laidOut.set(says, (row = { kind: "message", startsGroup, ...told, ...says, at }));
    rows.push(row);
  };

  const toldSoon = withPending(told, echoes, self.identity);
  const changes = pendingChanges(echoes);
  const { above } = run;
  if (above !== undefined && above.re === undefined && actOf(above) === null) {
    const { body } = foldMessage(above, toldSoon);
    group.next({ from: above.from, at: shownTime(above.at), body }, dayOf(shownTime(above.at)));
  }
  // Where the run begins further down, what was not read begins somewhere above.
  let isUnreadToldOrAbove = readTo === null || run.from > readTo + 1;
  for (const message of run.messages) {
    tellLost(message.offset);
    if (!isUnreadToldOrAbove && message.offset > (readTo ?? 0) && message.from !== self.identity) {
      isUnreadToldOrAbove = true;
      rows.push({ kind: "unread", key: "unread" });
      group.end();
    }
    if (actOf(message) !== null) {
      group.begin(pushDay(shownTime(message.at)));
      rows.push({ kind: "act", key: `at-${message.offset}`, message });
      continue;
    }
    const key = messageKey(message, self);
    delivered.add(key);
    if (message.from === self.identity) delivered.add(earlierId(message));
    const { offset, from, at } = message;
    const change = changes.get(offset) ?? null;
    const isOwn = from === self.identity;
    push({ key, offset, from, at, change, isOwn, echo: null }, foldMessage(message, toldSoon));
  }
  tellLost(Infinity);
  for (const echo of echoes) {
    if (echo.re !== undefined || delivered.has(echo.id)) continue;
    // This page's clock may be behind the server's; what is written last must not seem older.
    const at = Math.max(echo.at, run.messages.at(-1)?.at ?? 0);
    const { id: key, state } = echo;
    const told = { key, offset: null, from: self.identity, at, change: null, isOwn: true, echo: state };
    push(told, { ...AS_WRITTEN, body: echoBody(echo.body) });
  }
  return rows;
}

function shownTime(at: number): number {
  return Math.min(Math.max(at, 0), LAST_MOMENT_MS);
}

/** Nobody could say anything about it yet. */
const AS_WRITTEN: Omit<FoldedMessage, "body"> = Object.freeze({ isEdited: false, reactions: [] });

function messageKey(message: Message, self: Self): string {
  return isOwnPublish(message, self) ? echoId(message.seq) : `at-${message.offset}`;
}

/** Published by this very page: the identity alone would also be true of another tab. */
export function isOwnPublish(message: Message, self: Self): boolean {
  return message.from === self.identity && message.producer === self.producer;
}

// An echo's body is the object that was given to publish, so it can be drawn from the same reading.
const echoBodies = new WeakMap<object, ShownBody>();

function echoBody(body: unknown): ShownBody {
  if (typeof body !== "object" || body === null) return shownBody(body);
  let shown = echoBodies.get(body);
  if (shown === undefined) {
    shown = shownBody(body);
    echoBodies.set(body, shown);
  }
  return shown;
}

/** Remembers who spoke last, and when their group began. */
class Grouping {
  #day: Day | null = null;
  #author: string | null = null;
  #sinceMs = 0;

  /** Takes the next message; says whether it begins a group. */
  next(row: Pick<MessageRow, "from" | "at" | "body">, day: Day): boolean {
    const from = row.from ?? "self";
    // The name went with the text: what was deleted stays among what its author said before it.
    const isNameless = row.body.kind === "erased" && this.#author?.startsWith(`${from} `) === true;
    const name = row.body.kind === "text" ? row.body.name : "";
    const author = isNameless ? this.#author : `${from} ${name}`;
    const isSame = author === this.#author && day === this.#day && row.at - this.#sinceMs < GROUP_MS;
    if (isSame) return false;
    this.#day = day;
    this.#author = author;
    this.#sinceMs = row.at;
    return true;
  }

  end(): void {
    this.#author = null;
  }

  /** Something of a day stands there that nobody said. */
  begin(day: Day): void {
    this.#day = day;
    this.end();
  }
}

function lostSentence({ from, to }: LostStretch): string {
  return from === to ? `Message ${from} is no longer kept` : `Messages ${from}–${to} are no longer kept`;
}
