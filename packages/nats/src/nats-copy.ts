import { type Clock, CodedError, systemClock } from "@parlor/base";
import {
  type CopiedProducer,
  type CopiedRoom,
  type CopyMark,
  type CopyTarget,
  DEFAULT_LOG_OPTIONS,
  type RoomLack,
  type StoredMessage,
} from "@parlor/log";
import { requireLog, requireNoNodes } from "./copy-admission.ts";
import { addToRoom, type CopiedPartOfRoom, toldOnce, writeRoom } from "./copy-into-room.ts";
import { CopyMarks } from "./copy-mark.ts";
import { type CopySideLog, sideLogOf } from "./copy-side-log.ts";
import { type OpenedStreams, openStreams } from "./log-streams.ts";
import { asUnavailable, NatsLink } from "./nats-link.ts";
import { credentialsOf, resolveNatsLogOptions, type NatsLogOptions } from "./nats-log-options.ts";
import type { OpenRoom } from "./open-room.ts";
import { OpenRooms } from "./open-rooms.ts";
import { RecordCache } from "./record-cache.ts";
import { refusalsOf } from "./refusals-of.ts";
import { RoomList } from "./room-list.ts";

export interface NatsCopyOptions extends Pick<NatsLogOptions, "url" | "name" | "shards" | "replicas"> {
  /** Of rooms that nobody wrote to, where the log is made now. @default random */
  readonly epoch?: string | undefined;
  /** Whether the log must be there, as what is copied from; else it is made. @default false */
  readonly mustExist?: boolean | undefined;
  /** How long it listens for nodes, which say twice a second that they are there, in ms. @default 2_000 */
  readonly listenMs?: number | undefined;
}

const ROOMS_AT_ONCE = 16;
/** They are looked at three times: for what there is, to copy, and to compare. */
const IDLE_ROOMS = 10_000;
const CACHE_BYTES = 16_777_216;
/** The cluster may be agreeing on a new leader meanwhile. */
const TIMEOUT_MS = 10_000;
const PATIENCE_MS = 30_000;
const TRY_AGAIN_MS = 500;
const LISTEN_MS = 2_000;
const BOUNDS = Object.freeze({ maxMessages: 1_000, maxBytes: 1_048_576 });

/**
 * The rooms of a cluster, to be copied from or into, while no node uses them. It is no node itself: nobody hears of it,
 * and it forgets nothing by itself.
 */
export class NatsCopy implements CopyTarget {
  readonly roomsAtOnce = ROOMS_AT_ONCE;
  readonly id: string;
  readonly epoch: string;
  readonly words: string;
  readonly #link: NatsLink;
  readonly #clock: Clock = systemClock;
  readonly #rooms: OpenRooms;
  readonly #list: RoomList;
  readonly #marks: CopyMarks;
  #source = "";

  /** @throws {CodedError} `bad-log`; `in-use`: nodes use it; `unavailable`. */
  static async open(options: NatsCopyOptions): Promise<NatsCopy> {
    const resolved = resolveNatsLogOptions(options);
    let link: NatsLink | null = null;
    try {
      const { servers } = resolved;
      link = await NatsLink.connect({
        servers: [...servers],
        name: "parlor copy",
        ...credentialsOf(resolved),
      });
      const replicas = resolved.replicas ?? (link.connection.info?.cluster === undefined ? 1 : 3);
      const words = `the cluster at ${servers.join(", ")}`;
      if (options.mustExist === true) await requireLog(link, resolved.name, words);
      const opened = await openStreams(link, { ...resolved, replicas, epoch: options.epoch });
      await requireNoNodes(link, opened.subjects.members, words, options.listenMs ?? LISTEN_MS);
      return new NatsCopy(link, opened, words);
    } catch (error) {
      await link?.close();
      throw inWords(error);
    }
  }

  private constructor(link: NatsLink, { subjects, epoch }: OpenedStreams, words: string) {
    this.#link = link;
    this.id = this.epoch = epoch;
    this.words = words;
    const around = {
      link,
      sideStream: subjects.sideStream,
      logEpoch: epoch,
      clock: this.#clock,
      cache: new RecordCache(CACHE_BYTES),
      producerRetentionMs: DEFAULT_LOG_OPTIONS.producerRetentionMs,
      appendTimeoutMs: TIMEOUT_MS,
      refusals: refusalsOf(this.#clock),
      writerOf: () => null,
      forward: () => Promise.reject(new Error("what is copied is handed to nobody")),
      refusal: asUnavailable,
      // No server runs beside it, and it looks at all of it again at its end.
      isUnsure: () => false,
      confirm: () => Promise.resolve(),
      heard: () => undefined,
      tell: () => undefined,
    };
    this.#rooms = new OpenRooms(around, subjects, IDLE_ROOMS);
    this.#list = new RoomList(link, subjects);
    this.#marks = new CopyMarks(link, subjects);
  }

  async *names(): AsyncGenerator<string> {
    try {
      yield* this.#list.after("");
    } catch (error) {
      throw inWords(error);
    }
  }

  room(name: string): Promise<CopiedRoom | null> {
    return this.#use(name, async ({ fold }) => {
      const { epoch, lastAt, index } = fold;
      const { head, earliest } = index;
      if (head === 0 && epoch === this.epoch) return null;
      const producers = fold.producers().map(producerOf);
      return {
        room: name,
        epoch,
        head,
        earliest,
        lastAt,
        producers,
        copiedHead: fold.copiedHead ?? undefined,
      };
    });
  }

  async *messages(room: string, after: number): AsyncGenerator<readonly StoredMessage[]> {
    for (let from = after; ; ) {
      const { messages, more } = await this.#use(room, (open) =>
        open.reader.read(() => open.fold, from, BOUNDS),
      );
      if (messages.length > 0) yield messages;
      if (!more) return;
      from = messages.at(-1)?.offset ?? from;
    }
  }

  mark(): Promise<CopyMark | null> {
    return this.#marks.mark().catch(rethrowInWords);
  }

  async begin(mark: CopyMark): Promise<void> {
    this.#source = mark.source;
    await this.#marks.begin(mark).catch(rethrowInWords);
  }

  end(): Promise<void> {
    return this.#marks.end().catch(rethrowInWords);
  }

  write(
    room: CopiedRoom,
    messages: (after: number) => AsyncIterable<readonly StoredMessage[]>,
    written: (count: number) => void,
  ): Promise<void> {
    const tell = toldOnce(written);
    return this.#use(room.room, (open) => writeRoom(open, room, this.#part(messages, tell())));
  }

  add(
    room: CopiedRoom,
    lack: RoomLack,
    messages: (after: number) => AsyncIterable<readonly StoredMessage[]>,
    written: (count: number) => void,
  ): Promise<void> {
    const tell = toldOnce(written);
    return this.#use(room.room, (open) => addToRoom(open, room, lack, this.#part(messages, tell())));
  }

  remove(name: string): Promise<void> {
    return this.#use(name, async (open) => void (await open.delete()));
  }

  /** What the server keeps in the log beside the rooms, to be read and written meanwhile. */
  sideLog(): CopySideLog {
    return sideLogOf((room, use) => this.#use(room, use));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#rooms.all().map((room) => room.idle()));
    this.#rooms.closeAll();
    await this.#link.close();
  }

  #part(messages: CopiedPartOfRoom["messages"], written: CopiedPartOfRoom["written"]): CopiedPartOfRoom {
    return {
      ...{ messages, written, source: this.#source, now: () => this.#clock.now() },
      maxPayloadBytes: this.#link.connection.info?.max_payload ?? 1_048_576,
    };
  }

  /** What the cluster can't do for now, as when a server of it dies, is tried again for a while. */
  async #use<T>(name: string, use: (room: OpenRoom) => Promise<T>): Promise<T> {
    const patientUntil = this.#clock.monotonic() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.#useOnce(name, use);
      } catch (error) {
        const worded = inWords(error);
        const isForNow = worded instanceof CodedError && worded.code === "unavailable";
        if (!isForNow || this.#clock.monotonic() > patientUntil) throw worded;
        await new Promise<void>((resolve) => void this.#clock.after(TRY_AGAIN_MS, resolve));
      }
    }
  }

  async #useOnce<T>(name: string, use: (room: OpenRoom) => Promise<T>): Promise<T> {
    const room = this.#rooms.enter(name);
    try {
      await room.ready();
      return await use(room);
    } finally {
      this.#rooms.leave(room);
    }
  }
}

function inWords(error: unknown): Error {
  return error instanceof CodedError ? error : asUnavailable(error);
}

function rethrowInWords(error: unknown): never {
  throw inWords(error);
}

function producerOf([key, seq, offset, usedAt]: readonly [string, number, number, number]): CopiedProducer {
  const at = key.lastIndexOf("\n");
  return { from: key.slice(0, at), producer: key.slice(at + 1), seq, offset, usedAt };
}
