import type { Random } from "@parlor/base";
import { randomInteger } from "../seeded-random.ts";
import type { DiskEvent } from "./disk-events.ts";
import { FileBytes } from "./file-bytes.ts";

/** A disk writes whole sectors of this size, in any order. */
const SECTOR_BYTES = 512;

type Change = Extract<DiskEvent, { kind: "write" | "truncate" }>;

/** What a power cut makes of the changes that nothing has vouched for yet. */
export type Fate =
  | "none"
  | "all"
  /** The first so many arrived. */
  | { readonly prefix: number }
  /** Each sector of each write arrived or not, with this chance. */
  | { readonly chance: number };

/** One file's content, apart from its name: a file made anew under an old name is another one. */
interface Content {
  /** What is certain. */
  readonly certain: FileBytes;
  pending: Change[];
}

/** Files by name, as a power cut could leave them. */
export type CrashImage = ReadonlyMap<string, Buffer>;

/**
 * A disk that remembers what is certain and what is only on its way. Feed it events in order; at any
 * moment `image` says what a power cut just then could leave.
 */
export class CrashDisk {
  /** Contents by the name under which the process sees them. */
  readonly #files = new Map<string, Content>();
  /** Names that are certain. */
  readonly #names = new Map<string, Content>();
  #pendingNames: { readonly file: string; readonly content: Content | null; readonly at: number }[] = [];

  /** Changes and names that nothing has vouched for yet. */
  get pendingCount(): number {
    const contents = new Set([...this.#files.values(), ...this.#names.values()]);
    return [...contents].reduce((sum, { pending }) => sum + pending.length, this.#pendingNames.length);
  }

  take(event: DiskEvent): void {
    switch (event.kind) {
      case "create": {
        const content: Content = { certain: new FileBytes(), pending: [] };
        this.#files.set(event.file, content);
        this.#pendingNames.push({ file: event.file, content, at: event.at });
        return;
      }
      case "remove":
        this.#files.delete(event.file);
        this.#pendingNames.push({ file: event.file, content: null, at: event.at });
        return;
      case "write":
      case "truncate":
        this.#file(event.file).pending.push(event);
        return;
      case "sync": {
        const content = this.#file(event.file);
        const vouched = content.pending.filter(({ doneAt }) => doneAt < event.beganAt);
        content.pending = content.pending.filter(({ doneAt }) => doneAt >= event.beganAt);
        for (const change of vouched) apply(content.certain, change);
        return;
      }
      case "sync-names": {
        const vouched = this.#pendingNames.filter(({ at }) => at < event.beganAt);
        this.#pendingNames = this.#pendingNames.filter(({ at }) => at >= event.beganAt);
        for (const { file, content } of vouched) setName(this.#names, file, content);
        return;
      }
      case "told":
        return;
    }
  }

  /** What a power cut now could leave. */
  image(fate: Fate, random: Random): CrashImage {
    const names = new Map(this.#names);
    const arrived =
      fate === "none"
        ? 0
        : fate === "all"
          ? this.#pendingNames.length
          : randomInteger(random, 0, this.#pendingNames.length);
    for (const { file, content } of this.#pendingNames.slice(0, arrived)) setName(names, file, content);
    return new Map([...names].map(([file, content]) => [file, crashed(content, fate, random)]));
  }

  #file(file: string): Content {
    const content = this.#files.get(file);
    if (content === undefined) throw new Error(`${file} was changed and never opened`);
    return content;
  }
}

function crashed({ certain, pending }: Content, fate: Fate, random: Random): Buffer {
  if (fate === "none" || pending.length === 0) return certain.bytes;
  const left = new FileBytes(certain.bytes);
  const arrived = fate !== "all" && "prefix" in fate ? pending.slice(0, fate.prefix) : pending;
  const chance = fate !== "all" && "chance" in fate ? fate.chance : 1;
  for (const change of arrived) {
    const pieces = change.kind === "write" && chance < 1 ? sectorsOf(change) : [change];
    for (const piece of pieces) if (chance === 1 || random() < chance) apply(left, piece);
  }
  return left.bytes;
}

function apply(content: FileBytes, change: Change): void {
  if (change.kind === "truncate") content.truncate(change.length);
  else content.write(change.offset, change.bytes);
}

/** A write cut where the sectors of the disk end. */
function sectorsOf(write: Extract<Change, { kind: "write" }>): Change[] {
  const sectors: Change[] = [];
  for (let from = 0; from < write.bytes.length; ) {
    const offset = write.offset + from;
    const to = Math.min(write.bytes.length, from + SECTOR_BYTES - (offset % SECTOR_BYTES));
    sectors.push({ ...write, offset, bytes: write.bytes.subarray(from, to) });
    from = to;
  }
  return sectors;
}

function setName(names: Map<string, Content>, file: string, content: Content | null): void {
  if (content === null) names.delete(file);
  else names.set(file, content);
}
