import { randomId } from "@parlor/base";
import {
  type Append,
  type AppendResult,
  logIsClosed,
  type LogStatus,
  type OwnWords,
  type Page,
  type ReadBounds,
  type RoomChange,
  type RoomHead,
  type RoomLog,
  type RoomSummary,
  type StoredMessage,
  type Tail,
  TailBoard,
  type TailEvent,
  unavailable,
} from "@parlor/log";
import type { NatsConnection } from "@nats-io/transport-node";
import { AgedRooms } from "./aged-rooms.ts";
import { CopyMarks } from "./copy-mark.ts";
import { type OpenedStreams, openStreams, type StreamReport } from "./log-streams.ts";
import type { Forwarded } from "./forwarder.ts";
import { LogHealth } from "./log-health.ts";
import { Members } from "./members.ts";
import { WriterDesk } from "./writer-desk.ts";
import { asUnavailable, NatsLink, StreamIsFull } from "./nats-link.ts";
import {
  credentialsOf,
  type NatsLogOptions,
  type ResolvedNatsLogOptions,
  resolveNatsLogOptions,
} from "./nats-log-options.ts";
import type { OpenRoom } from "./open-room.ts";
import { OpenRooms } from "./open-rooms.ts";
import { RecordCache } from "./record-cache.ts";
import { redact } from "./redaction.ts";
import { refusalsOf } from "./refusals-of.ts";
import { RoomList } from "./room-list.ts";
import { reportOf, type ServerReport } from "./server-report.ts";
import type { Subjects } from "./subjects.ts";
import { sweptStreams } from "./swept-streams.ts";
import { Upkeep } from "./upkeep.ts";
import { Watching } from "./watching.ts";
import { WrongCopies } from "./wrong-copies.ts";

/**
 * Opens the log of a NATS cluster, and makes its streams where there are none.
 *
 * @throws {CodedError} `bad-log` where the address, or a stream that is there, can't hold rooms; `unavailable` where
 *   the cluster does not answer.
 */
export async function openNatsLog(options: NatsLogOptions): Promise<NatsLog> {
  return await NatsLog.open(options);
}

/**
 * The rooms on NATS JetStream: any number of nodes, each with a log of its own on the same streams.
 *
 * Nodes need not agree on anything beforehand. Each proposes records and folds what the streams hold; an append is
 * answered when its own record was seen valid there. See `docs/adr/0026-a-log-on-nats.md`.
 */
export class NatsLog implements RoomLog {
  /** Another node may have appended what is on its way to this one. */
  readonly canLag = true;
  readonly nodeId: string;
  /** The log's streams, as the server says they are. */
  readonly streams: readonly StreamReport[];
  readonly #link: NatsLink;
  readonly #options: ResolvedNatsLogOptions;
  readonly #health: LogHealth;
  readonly #subjects: Subjects;
  readonly #board = new TailBoard();
  readonly #members: Members;
  readonly #desk: WriterDesk;
  readonly #cache: RecordCache;
  readonly #rooms: OpenRooms;
  readonly #list: RoomList;
  readonly #watching: Watching;
  readonly #upkeep: Upkeep;
  readonly #wrongCopies: WrongCopies;
  #closing: Promise<void> | null = null;

  static async open(options: NatsLogOptions): Promise<NatsLog> {
    const resolved = resolveNatsLogOptions(options);
    const nodeId = options.nodeId ?? randomId(12);
    let link: NatsLink | null = null;
    try {
      link = await NatsLink.connect({
        servers: [...resolved.servers],
        name: `parlor ${nodeId}`,
        ...credentialsOf(resolved),
      });
      const replicas = resolved.replicas ?? (link.connection.info?.cluster === undefined ? 1 : 3);
      const opened = await openStreams(link, { ...resolved, replicas });
      await new CopyMarks(link, opened.subjects).requireNone();
      return new NatsLog(link, opened, resolved, nodeId);
    } catch (error) {
      await link?.close();
      throw error instanceof Error && "code" in error && error.code === "bad-log"
        ? error
        : asUnavailable(error);
    }
  }

  private constructor(
    link: NatsLink,
    opened: OpenedStreams,
    options: ResolvedNatsLogOptions,
    nodeId: string,
  ) {
    this.#link = link;
    this.#options = options;
    this.nodeId = nodeId;
    this.streams = opened.reports;
    const { subjects, epoch } = opened;
    const { clock, producerRetentionMs, appendTimeoutMs } = options;
    this.#health = new LogHealth(link, opened, clock);
    this.#subjects = subjects;
    this.#cache = new RecordCache(options.maxCacheBytes);
    const around = {
      link,
      sideStream: subjects.sideStream,
      logEpoch: epoch,
      clock,
      cache: this.#cache,
      producerRetentionMs,
      appendTimeoutMs,
      refusals: refusalsOf(clock),
      writerOf: (room: string) => (options.handsOn ? this.#members.writerOf(room) : null),
      forward: (node: string, appends: readonly Append[]) => this.#forward(node, appends),
      refusal: (error: unknown) => this.#refusal(error),
      isUnsure: () => this.status.kind !== "ready",
      confirm: () => this.#health.sameLog.confirm(),
      heard: (stream: string, seq: number) => this.#upkeep.heard(stream, seq),
      tell: (room: string, event: TailEvent) => this.#board.tell(room, event),
    };
    this.#wrongCopies = new WrongCopies({
      clock,
      leaderOf: async (stream) => (await link.end(stream)).leader || null,
      roomOf: (subject) => subjects.roomOf(subject),
      tell: options.onWrongCopy,
    });
    link.tellOfWrongCopies((stream, found, at) => this.#wrongCopies.add(stream, found, at));
    this.#members = new Members(link, subjects.members, nodeId, clock);
    this.#desk = new WriterDesk(
      link,
      (node) => subjects.desk(node),
      nodeId,
      (room, appends) => this.#appendFor(room, appends),
    );
    this.#rooms = new OpenRooms(around, subjects, options.maxIdleRooms);
    this.#list = new RoomList(link, subjects);
    this.#watching = new Watching(
      link,
      subjects,
      (room, seq) => this.#onWatched(room, seq),
      () => this.#board.tellChange({ kind: "missed" }),
    );
    this.#upkeep = new Upkeep(
      this.#rooms,
      sweptStreams(link, subjects),
      new AgedRooms(link, subjects, this.#list),
      (room) => around.writerOf(room) === null,
      options,
    );
    void this.#followConnection();
  }

  /** Closes with the log. */
  get connection(): NatsConnection {
    return this.#link.connection;
  }

  /** What the server that this node is connected to says of itself. */
  get server(): ServerReport {
    return reportOf(this.#link.connection.info);
  }

  /** Answers of copies of the streams that had something else than what was right, since the log was opened. */
  get wrongCopies(): number {
    return this.#wrongCopies.total;
  }

  /** What of the rooms is in memory: bytes of records, and rooms that are kept up with. */
  get held(): { readonly recordBytes: number; readonly rooms: number } {
    return { recordBytes: this.#cache.bytes, rooms: this.#rooms.size };
  }

  get status(): LogStatus {
    return this.#health.status.status;
  }

  onStatus(listener: (status: LogStatus) => void): () => void {
    return this.#health.status.listen(listener);
  }

  append(append: Append): Promise<AppendResult> {
    return this.#change(append.room, (room) => room.append(append));
  }

  read(room: string, after: number, bounds: ReadBounds): Promise<Page> {
    return this.#use(room, (open) => open.reader.read(() => open.fold, after, bounds));
  }

  readBefore(room: string, before: number, bounds: ReadBounds): Promise<Page> {
    return this.#use(room, (open) => open.reader.readBefore(() => open.fold, before, bounds));
  }

  related(
    room: string,
    offsets: readonly number[],
    perMessage: number,
    bounds: ReadBounds,
  ): Promise<readonly StoredMessage[]> {
    return this.#use(room, (open) => open.reader.related(() => open.fold, offsets, perMessage, bounds));
  }

  head(room: string, newest = 0): Promise<RoomHead> {
    return this.#use(room, async (open) => open.headOf(newest));
  }

  async tail(room: string, listener: (event: TailEvent) => void): Promise<Tail> {
    this.#requireOpen();
    const open = this.#rooms.enter(room);
    try {
      await open.ready();
      this.#requireOpen();
    } catch (error) {
      this.#rooms.leave(open);
      throw this.#refusal(error);
    }
    const tail = this.#board.follow(room, listener);
    let isClosed = false;
    return {
      close: () => {
        if (isClosed) return;
        isClosed = true;
        tail.close();
        this.#rooms.leave(open);
      },
    };
  }

  async watch(listener: (change: RoomChange) => void): Promise<Tail> {
    this.#requireOpen();
    try {
      await this.#watching.enter();
    } catch (error) {
      this.#watching.leave();
      throw this.#refusal(error);
    }
    const tail = this.#board.watch(listener);
    let isClosed = false;
    return {
      close: () => {
        if (isClosed) return;
        isClosed = true;
        tail.close();
        this.#watching.leave();
      },
    };
  }

  sync(room: string): Promise<void> {
    return this.#use(room, (open) => open.sync());
  }

  trim(room: string, before: number): Promise<number> {
    return this.#change(room, (open) => open.trim(before));
  }

  redact(room: string, offset: number, own?: OwnWords): Promise<boolean> {
    return this.#use(room, (open) => redact(open, offset, this.#options.clock.now(), own));
  }

  delete(room: string): Promise<boolean> {
    return this.#change(room, (open) => open.delete());
  }

  async rooms(afterName: string, limit: number): Promise<readonly RoomSummary[]> {
    this.#requireOpen();
    const found: RoomSummary[] = [];
    try {
      for await (const name of this.#list.after(afterName)) {
        if (found.length >= limit) break;
        const summary = await this.#use(name, async (open) => open.summary());
        if (summary.messages > 0) found.push(summary);
      }
    } catch (error) {
      throw this.#refusal(error);
    }
    return found;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#upkeep.close();
    this.#health.close();
    this.#members.close();
    this.#desk.close();
    this.#board.clear();
    await Promise.all(this.#rooms.all().map((room) => room.idle()));
    this.#rooms.closeAll();
    this.#watching.close();
    this.#health.status.close();
    await this.#link.close();
  }

  async #forward(node: string, appends: readonly Append[]): Promise<Forwarded> {
    try {
      return await this.#desk.ask(node, appends);
    } catch (error) {
      this.#members.isSilent(node);
      throw error;
    }
  }

  /** Appends that another node was asked for. Never handed on once more. */
  #appendFor(room: string, appends: readonly Append[]): Promise<Forwarded> {
    return this.#change(room, async (open) => {
      const results = await Promise.all(appends.map((append) => open.proposer.append(append)));
      return { results, seq: open.fold.lastSeq };
    });
  }

  #requireOpen(): void {
    if (this.#closing !== null) throw logIsClosed();
    if (this.status.kind === "failed") throw unavailable(this.status.message);
  }

  /** Of changes: taken in the order of the calls, whether the room is known or not. */
  async #change<T>(name: string, change: (room: OpenRoom) => Promise<T>): Promise<T> {
    this.#requireOpen();
    // Where a stream has no leader, it may have one before the append is refused.
    if (!this.#health.status.isConnected && this.status.kind === "unreachable")
      throw unavailable(this.status.message);
    const room = this.#rooms.enter(name);
    try {
      const result = await change(room);
      // Its stream takes something again.
      this.#health.full.took(room.stream);
      return result;
    } finally {
      this.#rooms.leave(room);
    }
  }

  async #use<T>(name: string, use: (room: OpenRoom) => Promise<T>): Promise<T> {
    this.#requireOpen();
    const room = this.#rooms.enter(name);
    try {
      await room.ready();
      return await use(room);
    } catch (error) {
      throw this.#refusal(error);
    } finally {
      this.#rooms.leave(room);
    }
  }

  #refusal(error: unknown): Error {
    if (error instanceof Error && "code" in error && error.code === "unavailable") return error;
    if (this.#closing !== null) return logIsClosed();
    if (error instanceof StreamIsFull) {
      const message = `the NATS cluster has no room left: ${error.message}`;
      this.#health.full.refused(this.#subjects.streamOf(error.subject), error.bytes, message);
      return unavailable(message, error);
    }
    return asUnavailable(error);
  }

  #onWatched(room: string, seq: number): void {
    if (this.#rooms.has(room) || this.#closing !== null) return;
    const open = this.#rooms.enter(room, seq);
    // Where it can't be opened, who watches is told that they missed something.
    open.ready().catch(() => this.#board.tellChange({ kind: "missed" }));
    this.#rooms.leave(open);
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.#link.connection.status()) {
      if (this.#closing !== null) return;
      if (type === "disconnect") {
        this.#health.status.setConnected(false);
      } else if (type === "reconnect") {
        this.#health.status.setConnected(true);
        this.#watching.missed();
        await this.#upkeep.look();
      }
    }
  }
}
