import type { JsonObject, Message } from "@parlor/protocol";
import { BY_ACT, SERVER } from "./acts.ts";
import type { Entry } from "./entries.ts";
import { shownMessage, type ShownBody } from "./message-body.ts";

/**
 * The fold from a room's log to what is shown of it: a message, and whatever later entries say about it,
 * become one thing to look at.
 *
 *     foldEntries(told, entries)   gathers what entries say, by the message that they are about
 *     foldMessage(message, told)   the message as it stands
 *
 * Pages hear of entries in any order: before the message that they are about (which history brings later),
 * twice, newer before older. So nothing here depends on the order of arrival: of what the same person says
 * of the same thing the greatest offset counts, and to gather is to take the greater one. Who may edit or
 * delete is judged when the message is there, for only then is its author known; from then on nothing else
 * of the kind is kept.
 *
 * Rules: docs/guarantees.md [MSG-1] to [MSG-3].
 */
export type Told = ReadonlyMap<number, ToldOfOne>;

/** What is said about one message. */
export interface ToldOfOne {
  /** By who says it: their newest text. */
  readonly edits: ReadonlyMap<string, Edit>;
  /** By who says it. */
  readonly deletes: ReadonlyMap<string, { readonly offset: number }>;
  /** By emoji and who: whether it is there, and since when. */
  readonly marks: ReadonlyMap<string, Mark>;
  /** Of its link, by the server. */
  readonly preview?: { readonly offset: number; readonly is: JsonObject };
}

interface Edit {
  readonly offset: number;
  readonly text: string;
}

interface Mark {
  readonly offset: number;
  readonly emoji: string;
  readonly from: string;
  readonly name: string | null;
  readonly isOn: boolean;
}

/** One emoji under a message. */
export interface Reaction {
  readonly emoji: string;
  /** Who, in the order in which they came. */
  readonly by: readonly { readonly from: string; readonly name: string | null }[];
}

export interface FoldedMessage {
  readonly body: ShownBody;
  readonly isEdited: boolean;
  readonly reactions: readonly Reaction[];
  /** What the page that it links to says of itself. */
  readonly preview?: JsonObject | undefined;
}

export const NOTHING_TOLD: Told = new Map();
export const NOTHING: ToldOfOne = Object.freeze({ edits: new Map(), deletes: new Map(), marks: new Map() });

/** People whose edits and deletes of one message are kept while its author is not known; as many as history tells of. */
const MAX_CLAIMANTS = 100;
/** Reactions to one message that are kept: those that came last. */
const MAX_MARKS = 1_000;

/** Who wrote the message at an offset; undefined where that is not known. */
type AuthorOf = (offset: number) => string | undefined;

/**
 * Adds what `entries` say. The same object where that is nothing new.
 *
 * Edits and deletes by others than the author are not even kept where the author is known: so strangers can't
 * push out what counts.
 */
export function foldEntries(told: Told, entries: readonly Entry[], authorOf?: AuthorOf): Told {
  let changed: Map<number, ToldOfOne> | null = null;
  for (const entry of entries) {
    if (entry.kind === "edit" || entry.kind === "delete") {
      const author = authorOf?.(entry.re);
      if (author !== undefined && author !== entry.from && entry.from !== BY_ACT) continue;
    }
    const before = (changed ?? told).get(entry.re) ?? NOTHING;
    const after = withEntry(before, entry);
    if (after === before) continue;
    changed ??= new Map(told);
    changed.set(entry.re, after);
  }
  return changed ?? told;
}

function withEntry(told: ToldOfOne, entry: Entry): ToldOfOne {
  const { from, offset } = entry;
  switch (entry.kind) {
    case "edit": {
      const edits = withNewer(told.edits, from, { offset, text: entry.text }, MAX_CLAIMANTS);
      return edits === told.edits ? told : { ...told, edits };
    }
    case "delete": {
      const deletes = withNewer(told.deletes, from, { offset }, MAX_CLAIMANTS);
      return deletes === told.deletes ? told : { ...told, deletes };
    }
    case "preview":
      return from === SERVER && offset > (told.preview?.offset ?? 0)
        ? { ...told, preview: { offset, is: entry.preview } }
        : told;
    case "react":
    case "unreact": {
      const { emoji } = entry;
      const isOn = entry.kind === "react";
      const mark: Mark = { offset, emoji, from, name: isOn ? entry.name : null, isOn };
      const marks = withNewer(told.marks, `${emoji} ${from}`, mark, MAX_MARKS);
      return marks === told.marks ? told : { ...told, marks };
    }
  }
}

/**
 * Keeps the greater offset of each key, and of all keys the `max` greatest: both are the same in whatever
 * order they come, so a bound makes no difference between two pages.
 */
function withNewer<Value extends { readonly offset: number }>(
  known: ReadonlyMap<string, Value>,
  key: string,
  value: Value,
  max: number,
): ReadonlyMap<string, Value> {
  if ((known.get(key)?.offset ?? 0) >= value.offset) return known;
  const after = new Map(known).set(key, value);
  if (after.size <= max) return after;
  let oldest = value.offset;
  let oldestKey = key;
  for (const [each, { offset }] of after) {
    if (offset >= oldest) continue;
    oldest = offset;
    oldestKey = each;
  }
  after.delete(oldestKey);
  return oldestKey === key ? known : after;
}

/** Lets go of what others than its author said of the text of a message that came after that. */
export function withAuthors(told: Told, messages: readonly Message[]): Told {
  let changed: Map<number, ToldOfOne> | null = null;
  for (const { offset, from } of messages) {
    const of = told.get(offset);
    if (of === undefined) continue;
    const [edits, deletes] = [onlyBy(of.edits, from), onlyBy(of.deletes, from)];
    if (edits === of.edits && deletes === of.deletes) continue;
    changed ??= new Map(told);
    changed.set(offset, { ...of, edits, deletes });
  }
  return changed ?? told;
}

function onlyBy<Value>(claims: ReadonlyMap<string, Value>, author: string): ReadonlyMap<string, Value> {
  const kept = [...claims].filter(([from]) => from === author || from === BY_ACT);
  return kept.length === claims.size ? claims : new Map(kept);
}

/** Lets go of what is said about other messages than these. */
export function onlyToldOf(told: Told, offsets: ReadonlySet<number>): Map<number, ToldOfOne> {
  return new Map([...told].filter(([offset]) => offsets.has(offset)));
}

const ERASED: ShownBody = Object.freeze({ kind: "erased" });
const NO_REACTIONS: readonly Reaction[] = [];

// Messages and what is told of one never change: the same two give the same object, so rows see it at once.
const folded = new WeakMap<Message, { readonly told: ToldOfOne | undefined; readonly is: FoldedMessage }>();

/** The message as its author and the reactions left it. */
export function foldMessage(message: Message, told: Told): FoldedMessage {
  const toldOfOne = told.get(message.offset);
  const known = folded.get(message);
  if (known !== undefined && known.told === toldOfOne) return known.is;
  const is = foldOne(message, toldOfOne ?? NOTHING);
  folded.set(message, { told: toldOfOne, is });
  return is;
}

/** Whether its author deleted it, or a moderator removed it. */
export function isDeleted({ deletes }: ToldOfOne, author: string): boolean {
  return deletes.has(author) || deletes.has(BY_ACT);
}

function foldOne(message: Message, told: ToldOfOne): FoldedMessage {
  const { from } = message;
  const { edits, marks } = told;
  const body = shownMessage(message);
  if (body.kind === "erased" || isDeleted(told, from)) {
    return { body: ERASED, isEdited: false, reactions: NO_REACTIONS };
  }
  const edit = body.kind === "text" ? edits.get(from) : undefined;
  return {
    body: edit === undefined || body.kind !== "text" ? body : { ...body, text: edit.text },
    isEdited: edit !== undefined,
    reactions: reactionsOf(marks),
    ...(told.preview !== undefined && { preview: told.preview.is }),
  };
}

function reactionsOf(marks: ReadonlyMap<string, Mark>): readonly Reaction[] {
  if (marks.size === 0) return NO_REACTIONS;
  const byEmoji = new Map<string, Mark[]>();
  const inOrder = [...marks.values()].filter(({ isOn }) => isOn).sort((a, b) => a.offset - b.offset);
  for (const mark of inOrder) {
    const same = byEmoji.get(mark.emoji);
    if (same === undefined) byEmoji.set(mark.emoji, [mark]);
    else same.push(mark);
  }
  return [...byEmoji].map(([emoji, same]) => ({
    emoji,
    by: same.map(({ from, name }) => ({ from, name })),
  }));
}
