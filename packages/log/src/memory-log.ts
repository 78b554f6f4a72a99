import { randomId, type TimerHandle } from "@parlor/base";
import { epochOf } from "./epoch.ts";
import { type LogOptions, type ResolvedLogOptions, resolveLogOptions } from "./log-options.ts";
import { MemoryRoom } from "./memory-room.ts";
import { decideOnce } from "./once.ts";
import type {
  Append,
  AppendResult,
  LogStatus,
  OwnWords,
  Page,
  ReadBounds,
  RoomChange,
  RoomHead,
  RoomLog,
  RoomSummary,
  StoredMessage,
  Tail,
  TailEvent,
} from "./room-log.ts";
import { isSideRoom } from "./side-room.ts";
import { logIsClosed, StatusBoard } from "./status-board.ts";
import { TailBoard } from "./tail-board.ts";

interface Told {
  readonly room: string;
  readonly event: TailEvent;
  /** The event's own messages, while more may join them. */
  readonly growing?: StoredMessage[];
}

/**
 * A log that lives as long as its process: for tests, simulations and servers that may forget.
 *
 * The same semantics as a log on disk, save that "durable" means "in this process". Tail events are
 * told once the turn that made them is over, appends of one turn to one room in one batch.
 */
export class MemoryLog implements RoomLog {
  readonly canLag = false;
  readonly tellsFirst = true;
  readonly #options: ResolvedLogOptions;
  readonly #epoch: string;
  readonly #rooms = new Map<string, MemoryRoom>();
  readonly #status = new StatusBoard();
  readonly #board = new TailBoard();
  #untold: Told[] = [];
  #sweepTimer: TimerHandle;

  constructor(options: LogOptions & { /** @default random */ readonly epoch?: string | undefined } = {}) {
    this.#options = resolveLogOptions(options);
    this.#epoch = options.epoch ?? randomId(12);
    this.#sweepTimer = this.#scheduleSweep();
  }

  get status(): LogStatus {
    return this.#status.status;
  }

  onStatus(listener: (status: LogStatus) => void): () => void {
    return this.#status.listen(listener);
  }

  async append(append: Append): Promise<AppendResult> {
    this.#requireOpen();
    const now = this.#options.clock.now();
    const room = this.#rooms.get(append.room) ?? this.#unwritten(0);
    const decision = decideOnce(append, room.markOf(append));
    switch (decision.kind) {
      case "duplicate":
        room.touch(append, now);
        return { kind: "duplicate", epoch: room.epoch, offset: decision.offset };
      case "append": {
        this.#rooms.set(append.room, room);
        const after = room.head;
        const message = room.append(append, now);
        this.#tellMessage(append.room, room.epoch, after, message);
        if (!isSideRoom(append.room) && room.retain(this.#options.retention, now))
          this.#tellTrimmed(append.room, room);
        const { offset, at } = message;
        return { kind: "appended", epoch: room.epoch, offset, at, newProducer: decision.newProducer };
      }
      default:
        return decision;
    }
  }

  async read(room: string, after: number, bounds: ReadBounds): Promise<Page> {
    return this.#room(room).read(after, bounds);
  }

  async readBefore(room: string, before: number, bounds: ReadBounds): Promise<Page> {
    return this.#room(room).readBefore(before, bounds);
  }

  async related(
    room: string,
    offsets: readonly number[],
    perMessage: number,
    bounds: ReadBounds,
  ): Promise<readonly StoredMessage[]> {
    return this.#room(room).related(offsets, perMessage, bounds);
  }

  async head(room: string, newest = 0): Promise<RoomHead> {
    return this.#room(room).headOf(newest);
  }

  async tail(room: string, listener: (event: TailEvent) => void): Promise<Tail> {
    this.#requireOpen();
    // What is untold was committed before this call, and is none of the newcomer's business.
    this.#flush();
    return this.#board.follow(room, listener);
  }

  async watch(listener: (change: RoomChange) => void): Promise<Tail> {
    this.#requireOpen();
    this.#flush();
    return this.#board.watch(listener);
  }

  async trim(room: string, before: number): Promise<number> {
    const found = this.#room(room);
    if (found.trim(before)) this.#tellTrimmed(room, found);
    return found.earliest;
  }

  async redact(room: string, offset: number, own?: OwnWords): Promise<boolean> {
    const found = this.#room(room);
    const outcome = found.redact(offset, own?.from);
    if (outcome === "redacted") this.#tell(room, { kind: "redacted", offset });
    for (const about of own === undefined ? [] : found.ownAbout(offset, own)) {
      if (found.redact(about) === "redacted") this.#tell(room, { kind: "redacted", offset: about });
    }
    return outcome !== "missing";
  }

  async delete(room: string): Promise<boolean> {
    const found = this.#room(room);
    if (found.head === 0) return false;
    // The empty room stays as a tombstone, so that the next one of this name has another epoch.
    this.#rooms.set(room, this.#unwritten(found.generation + 1));
    this.#tell(room, { kind: "deleted" });
    return true;
  }

  async rooms(afterName: string, limit: number): Promise<readonly RoomSummary[]> {
    this.#requireOpen();
    const names: string[] = [];
    for (const [name, room] of this.#rooms) {
      if (room.earliest <= room.head && byName(name, afterName) > 0) names.push(name);
    }
    return names
      .sort(byName)
      .slice(0, limit)
      .map((name) => this.#room(name).summary(name));
  }

  async close(): Promise<void> {
    if (this.status.kind === "closed") return;
    this.#flush();
    this.#options.clock.cancel(this.#sweepTimer);
    this.#status.change({ kind: "closed" });
    this.#board.clear();
    this.#rooms.clear();
  }

  #requireOpen(): void {
    if (this.status.kind === "closed") throw logIsClosed();
  }

  #room(name: string): MemoryRoom {
    this.#requireOpen();
    return this.#rooms.get(name) ?? this.#unwritten(0);
  }

  #unwritten(generation: number): MemoryRoom {
    return new MemoryRoom(epochOf(this.#epoch, generation), generation);
  }

  #tellMessage(room: string, epoch: string, after: number, message: StoredMessage): void {
    if (!this.#board.hasListener(room)) return;
    // Only the newest event may grow: a batch must not overtake what another event says of its room.
    const last = this.#untold.at(-1);
    if (last?.room === room && last.growing !== undefined) {
      last.growing.push(message);
      return;
    }
    const growing = [message];
    this.#enqueue({ room, event: { kind: "messages", epoch, after, messages: growing }, growing });
  }

  #tellTrimmed(room: string, found: MemoryRoom): void {
    this.#tell(room, { kind: "trimmed", earliest: found.earliest });
  }

  #tell(room: string, event: TailEvent): void {
    if (this.#board.hasListener(room)) this.#enqueue({ room, event });
  }

  #enqueue(told: Told): void {
    if (this.#untold.push(told) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const untold = this.#untold;
    this.#untold = [];
    for (const { room, event } of untold) this.#board.tell(room, event);
  }

  #scheduleSweep(): TimerHandle {
    return this.#options.clock.after(this.#options.sweepEveryMs, () => {
      this.#sweep();
      this.#sweepTimer = this.#scheduleSweep();
    });
  }

  #sweep(): void {
    const now = this.#options.clock.now();
    for (const [name, room] of this.#rooms) {
      if (!isSideRoom(name) && room.retain(this.#options.retention, now)) this.#tellTrimmed(name, room);
      room.forgetProducers(now - this.#options.producerRetentionMs);
    }
  }
}

/** By code points, as UTF-8 sorts too; plain `<` would sort by UTF-16 units. */
function byName(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
