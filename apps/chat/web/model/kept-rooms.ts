import { effect } from "@preact/signals";
import { isDeleted, NOTHING, onlyToldOf } from "./fold.ts";
import type { RoomModel } from "./room-model.ts";
import { keepNewest, type Run } from "./run.ts";
import { EMPTY_TIMELINE, type Timeline } from "./timeline.ts";

/**
 * The form of what is kept. One that changes `Timeline` raises it; what an older page kept is let go then,
 * since the server has it all.
 */
const FORM = 2;
const DATABASE = "parlor.rooms";
const STORE = "rooms";

/** Of each room are kept so many messages, as far as they have so many characters together; and so many rooms. */
const MAX_MESSAGES = 50;
const MAX_CHARACTERS = 262_144;
const MAX_ROOMS = 40;
/** How long what came may be here and not kept, in ms; what is left is kept when the page is no longer seen. */
const KEEP_AFTER_MS = 1_000;

interface Kept {
  /** The server's address and the room's name. */
  readonly id: string;
  /** ms since 1970. */
  readonly keptAt: number;
  readonly timeline: Timeline;
}

/**
 * Shows what a room had when it was last open here, until the server tells more, and keeps what it has from
 * now on. Storage that is missing, forbidden or full keeps nothing, and nothing else happens.
 *
 * @param isWanted Whether it is kept now: not where it was taken off the list, and is still open.
 */
export async function keepRoom(
  room: RoomModel,
  server: string,
  now: () => number,
  isWanted: () => boolean,
): Promise<void> {
  const id = `${server} ${room.name}`;
  const known = await attempt<Kept | undefined>((store) => store.get(id), "readonly");
  if (known !== undefined) room.showKept(known.timeline);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const timeline = room.timeline.peek();
    if (timeline.epoch === null || timeline.live === null || !isWanted()) return;
    void attempt(
      (store) => store.put({ id, keptAt: now(), timeline: toKeep(timeline) } satisfies Kept),
      "readwrite",
    ).then(letGoOfOldest);
  };
  const keepIfWaiting = (): void => {
    if (timer !== undefined) keep();
  };
  const stop = effect(() => {
    if (room.timeline.value.epoch !== null) timer ??= setTimeout(keep, KEEP_AFTER_MS);
  });
  document.addEventListener("visibilitychange", keepIfWaiting);
  addEventListener("pagehide", keepIfWaiting);
  room.whenClosed(() => {
    stop();
    keepIfWaiting();
    document.removeEventListener("visibilitychange", keepIfWaiting);
    removeEventListener("pagehide", keepIfWaiting);
  });
}

/** The newest of a room, with what is said of it; what was deleted is not kept. */
export function toKeep({ epoch, earliest, live, told, cleared }: Timeline): Timeline {
  const newest = keepNewest(live ?? { from: 1, to: 0, messages: [], lost: [] }, MAX_MESSAGES);
  let left = MAX_CHARACTERS;
  let count = 0;
  for (const { body } of newest.messages.toReversed()) {
    left -= JSON.stringify(body).length;
    if (left < 0) break;
    count += 1;
  }
  const run: Run =
    count === 0 ? { ...newest, from: newest.to + 1, messages: [], lost: [] } : keepNewest(newest, count);
  const messages = run.messages.map((message) =>
    isDeleted(told.get(message.offset) ?? NOTHING, message.from)
      ? { ...message, body: null, redacted: true as const }
      : message,
  );
  const about = onlyToldOf(told, new Set(messages.map(({ offset }) => offset)));
  // Nor what was said of it, such as its edits.
  for (const { offset, redacted } of messages) if (redacted === true) about.delete(offset);
  return {
    ...EMPTY_TIMELINE,
    epoch,
    earliest,
    head: run.to,
    live: { ...run, messages },
    seenTo: run.to,
    told: about,
    cleared,
  };
}

async function letGoOfOldest(): Promise<void> {
  // Nearly always: they need not be read for it.
  const count = await attempt<number>((store) => store.count(), "readonly");
  if (count === undefined || count <= MAX_ROOMS) return;
  const all = await attempt<Kept[]>((store) => store.getAll(), "readonly");
  const oldest = (all ?? []).toSorted((a, b) => b.keptAt - a.keptAt).slice(MAX_ROOMS);
  for (const { id } of oldest) await attempt((store) => store.delete(id), "readwrite");
}

/** Lets go of what is kept of a room. */
export async function forgetRoom(name: string, server: string): Promise<void> {
  await attempt((store) => store.delete(`${server} ${name}`), "readwrite");
}

/** Open for as long as the page is: what is kept when it goes must not wait. */
let opened: Promise<IDBDatabase> | null = null;

/** Undefined where there is no storage for it. */
async function attempt<Result>(
  act: (store: IDBObjectStore) => IDBRequest,
  mode: IDBTransactionMode,
): Promise<Result | undefined> {
  try {
    opened ??= open();
    const database = await opened;
    return (await done(act(database.transaction(STORE, mode).objectStore(STORE)))) as Result;
  } catch {
    // Intentionally not told: all of it is on the server, and is read from there. The next time is tried anew.
    opened = null;
    return undefined;
  }
}

async function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, FORM);
  request.addEventListener("upgradeneeded", () => {
    const { result } = request;
    if (result.objectStoreNames.contains(STORE)) result.deleteObjectStore(STORE);
    result.createObjectStore(STORE, { keyPath: "id" });
  });
  const database = await done(request);
  // A page of a newer release changes the form: this one keeps nothing more.
  database.addEventListener("versionchange", () => database.close());
  database.addEventListener("close", () => (opened = null));
  return database;
}

function done<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("the storage failed")));
  });
}
