import type { Position } from "@parlor/client";
import { isJsonObject } from "@parlor/protocol";
import { signal } from "@preact/signals";
import type { KeptTexts } from "./kept-texts.ts";
import { routeToRoom } from "./route.ts";
import { lazily } from "./lazily.ts";

/** A room that somebody came to, as this browser remembers it. */
export interface YourRoom {
  readonly name: string;
  /** Up to where it was read; null where nothing of it was here yet. */
  readonly read: Position | null;
  /** ms since 1970. */
  readonly visitedAt: number;
}

/** Rooms that are remembered; those visited longest ago are forgotten. */
export const MAX_YOUR_ROOMS = 100;

export const YOUR_ROOMS_KEY = "parlor.rooms";

/** How long a room may have been read without that being written down, in ms. */
const WRITE_AFTER_MS = 500;

const names = lazily(() => new Intl.Collator(undefined, { numeric: true }));

/**
 * The rooms that one has been to, by name, with how far each was read. Every page of this browser writes
 * them down at one place, so each change is made to what stands there and not to what a page remembers.
 */
export class YourRooms {
  readonly list = signal<readonly YourRoom[]>([]);
  readonly #texts: KeptTexts;
  readonly #now: () => number;
  readonly #unwritten = new Map<string, Position>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(texts: KeptTexts, now: () => number) {
    this.#texts = texts;
    this.#now = now;
    this.refresh();
  }

  /** Takes over what another page of this browser wrote down. */
  refresh(): void {
    this.list.value = parseYourRooms(this.#texts.read(YOUR_ROOMS_KEY));
  }

  /** How far a room was read. */
  readTo(name: string): Position | null {
    return this.#unwritten.get(name) ?? this.list.peek().find((room) => room.name === name)?.read ?? null;
  }

  visit(name: string): void {
    const read = this.readTo(name);
    this.#change((rooms) => [
      ...rooms.filter((room) => room.name !== name),
      { name, read: rooms.find((room) => room.name === name)?.read ?? read, visitedAt: this.#now() },
    ]);
  }

  /** Notes that a room was read up to there; it is written down a moment later, or by `write`. */
  read(name: string, position: Position): void {
    if (this.readTo(name)?.epoch === position.epoch && isBehind(position, this.readTo(name))) return;
    this.#unwritten.set(name, position);
    this.#timer ??= setTimeout(() => this.write(), WRITE_AFTER_MS);
  }

  /** Writes down what is not yet; for when the page may be about to go. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unwritten.size === 0) return;
    const reads = new Map(this.#unwritten);
    this.#unwritten.clear();
    this.#change((rooms) =>
      rooms.map((room) => {
        const read = reads.get(room.name);
        return read === undefined || isBehind(read, room.read) ? room : { ...room, read };
      }),
    );
  }

  /** Takes a room off the list. What was said in it is untouched, and coming back is all it takes. */
  forget(name: string): void {
    this.#unwritten.delete(name);
    this.#change((rooms) => rooms.filter((room) => room.name !== name));
  }

  #change(change: (rooms: readonly YourRoom[]) => readonly YourRoom[]): void {
    const list = tidy(change(parseYourRooms(this.#texts.read(YOUR_ROOMS_KEY))));
    this.#texts.keep(YOUR_ROOMS_KEY, JSON.stringify(list));
    this.list.value = list;
  }
}

/** Reads what is kept; whatever is none of it, another version's or somebody's own, is left out. */
export function parseYourRooms(kept: string | null): readonly YourRoom[] {
  if (kept === null) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(kept);
  } catch {
    return [];
  }
  return Array.isArray(parsed) ? tidy(parsed.flatMap(yourRoom)) : [];
}

function yourRoom(value: unknown): readonly YourRoom[] {
  if (!isJsonObject(value)) return [];
  const { name, read, visitedAt } = value;
  if (typeof name !== "string" || routeToRoom(name).kind !== "room") return [];
  return [{ name, read: position(read), visitedAt: typeof visitedAt === "number" ? visitedAt : 0 }];
}

function position(value: unknown): Position | null {
  if (!isJsonObject(value)) return null;
  const { epoch, offset } = value;
  const isPosition = typeof epoch === "string" && Number.isSafeInteger(offset);
  return isPosition ? { epoch, offset: Number(offset) } : null;
}

function tidy(rooms: readonly YourRoom[]): readonly YourRoom[] {
  return rooms
    .toSorted((a, b) => b.visitedAt - a.visitedAt)
    .slice(0, MAX_YOUR_ROOMS)
    .toSorted((a, b) => names().compare(a.name, b.name));
}

function isBehind(position: Position, other: Position | null): boolean {
  return other !== null && other.epoch === position.epoch && position.offset <= other.offset;
}
