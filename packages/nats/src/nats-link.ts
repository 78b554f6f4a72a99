import { unavailable } from "@parlor/log";
import {
  type DirectMsgRequest,
  type JetStreamClient,
  jetstream,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StoredMsg,
} from "@nats-io/jetstream";
import { connect, type ConnectionOptions, type Msg, type NatsConnection } from "@nats-io/transport-node";
import type { StreamRoom } from "./full-streams.ts";
import type { StreamEnd } from "./stream-sweep.ts";
import type { Stored } from "./stored.ts";
import { type CopyAt, findRight } from "./wrong-copies.ts";

/** The stream has no room left: nothing is appended until there is more. */
export class StreamIsFull extends Error {
  override readonly name = "StreamIsFull";
  /** Of what it did not take. */
  readonly subject: string;
  readonly bytes: number;

  constructor(subject: string, bytes: number, cause: Error) {
    super(cause.message, { cause });
    this.subject = subject;
    this.bytes = bytes;
  }
}

export interface MadeStream extends StreamEnd, StreamRoom {
  /** When it was made, in the server's words. */
  readonly madeAt: string;
}

/** The cluster knows of no stream of that name. */
export class StreamIsGone extends Error {
  override readonly name = "StreamIsGone";

  constructor(stream: string) {
    super(`the stream ${stream} is not in the NATS cluster any more`);
  }
}

const API_TIMEOUT_MS = 2_000;
/** A replica that says nothing for so long is not waited for: the leader is asked. */
const REPLICA_TIMEOUT_MS = 500;
/** Answers that are asked for: first; to find what one copy in three may have alone; to tell most copies from few. */
const FEW = 4;
const LOOKED_FOR = 12;
const MANY = 48;
const LEADER_TIMEOUT_MS = 1_000;
const REMOVED_AT_ONCE = 8;
/** Replicas answer their leader once a second and more. */
const REPLICA_SILENT_NS = 3_500_000_000;
const NO_SUCH_STREAM = 10_059;
const FULL = new Set([10_023, 10_047, 10_054, 10_077]);

/** What the log asks of the cluster, in its own words. Every question rejects where no answer comes in time. */
export class NatsLink {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly #replicas: JetStreamManager;
  readonly #client: JetStreamClient;
  #onWrongCopy: (stream: string, found: Stored, at: CopyAt) => void = () => undefined;

  private constructor(connection: NatsConnection, manager: JetStreamManager, replicas: JetStreamManager) {
    this.connection = connection;
    this.manager = manager;
    this.#replicas = replicas;
    this.#client = jetstream(connection, { timeout: API_TIMEOUT_MS });
  }

  static async connect(options: ConnectionOptions): Promise<NatsLink> {
    const connection = await connect({
      ...options,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 200,
      // A server that says nothing for so long is left for another one.
      pingInterval: 1_000,
      maxPingOut: 2,
    });
    try {
      // checkAPI asks for the account's information, which a cluster without a leader does not give.
      const manager = await jetstreamManager(connection, { timeout: API_TIMEOUT_MS, checkAPI: false });
      const replicas = await jetstreamManager(connection, { timeout: REPLICA_TIMEOUT_MS, checkAPI: false });
      return new NatsLink(connection, manager, replicas);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /**
   * Proposes; the sequence that it was given. Where it rejects it may have been stored all the same, or be later.
   * @throws {StreamIsFull} it was not stored.
   */
  async publish(subject: string, data: Uint8Array, timeoutMs: number): Promise<number> {
    try {
      return (await this.#client.publish(subject, data, { timeout: timeoutMs, retries: 0 })).seq;
    } catch (error) {
      if (error instanceof JetStreamApiError && FULL.has(error.apiError().err_code)) {
        throw new StreamIsFull(subject, data.length, error);
      }
      throw error;
    }
  }

  /** The subject's first message behind `after` as the stream's leader knows it. */
  async next(stream: string, subject: string, after: number): Promise<Stored | null> {
    // The client's own question knows no `next_by_subj`, the server's does.
    const query = JSON.stringify({ seq: after + 1, next_by_subj: subject });
    const answer = await this.connection.request(`$JS.API.STREAM.MSG.GET.${stream}`, query, {
      timeout: API_TIMEOUT_MS,
    });
    const { message, error } = answer.json<LeaderAnswer>();
    if (error?.code === 404) return null;
    if (message === undefined) throw new Error(error?.description ?? "the stream's leader gave no message");
    return { seq: message.seq, subject: message.subject, data: Buffer.from(message.data ?? "", "base64") };
  }

  /** The message at `seq` that is what it should be, from whichever copy of the stream has that; null where none has. */
  find(stream: string, seq: number, isRight: (data: Uint8Array) => boolean): Promise<Stored | null> {
    return this.#find(stream, { seq }, isRight);
  }

  /** The subject's newest message, as `find` finds one. */
  findLast(stream: string, subject: string, isRight: (data: Uint8Array) => boolean): Promise<Stored | null> {
    return this.#find(stream, { last_by_subj: subject }, isRight);
  }

  async #find(
    stream: string,
    query: { seq: number } | { last_by_subj: string },
    isRight: (data: Uint8Array) => boolean,
  ): Promise<Stored | null> {
    return await findRight(
      {
        any: (times) => this.#ask(stream, query, times),
        leader: async () => stored(await this.manager.streams.getMessage(stream, query)),
      },
      isRight,
      this.#hasCopies ? LOOKED_FOR : 0,
      (found, at) => this.#onWrongCopy(stream, found, at),
    );
  }

  /** Says who is told of copies that have something else than what was right. @default nobody */
  tellOfWrongCopies(tell: (stream: string, found: Stored, at: CopyAt) => void): void {
    this.#onWrongCopy = tell;
  }

  /**
   * What most copies of a stream have at `seq`; null where that is nothing. By chance one of them answers, so where the
   * first answers differ, so many are asked for that most of the answers are those of most copies.
   */
  async commonest(stream: string, seq: number): Promise<Stored | null> {
    const few = byCount(await this.#ask(stream, { seq }, this.#hasCopies ? FEW : 1));
    const [commonest = null] = few.length > 1 ? byCount(await this.#ask(stream, { seq }, MANY)) : few;
    return commonest;
  }

  /** The subject's newest message as the stream's leader knows it. */
  async lastAtLeader(stream: string, subject: string): Promise<Stored | null> {
    return stored(await this.manager.streams.getMessage(stream, { last_by_subj: subject }));
  }

  /**
   * Where the stream ends. Rejects where no leader answers in a second, or where most of its replicas are silent: then
   * nothing can be stored.
   */
  async end(stream: string): Promise<MadeStream> {
    const answer = await this.connection.request(`$JS.API.STREAM.INFO.${stream}`, "", {
      timeout: LEADER_TIMEOUT_MS,
    });
    const { state, cluster, config, created, error } = answer.json<StreamAnswer>();
    if (error?.err_code === NO_SUCH_STREAM) throw new StreamIsGone(stream);
    if (state === undefined)
      throw new Error(error?.description ?? "the stream's leader did not say where it ends");
    const others = cluster?.replicas ?? [];
    const heard = others.filter(({ offline, active }) => offline !== true && active < REPLICA_SILENT_NS);
    if (heard.length < Math.floor(others.length / 2 + 0.5)) {
      throw new Error(`${others.length - heard.length} of ${others.length + 1} replicas are silent`);
    }
    return {
      leader: cluster?.leader ?? "",
      seq: state.last_seq,
      time: state.last_ts,
      ...{ madeAt: created ?? "", bytes: state.bytes, maxBytes: config?.max_bytes ?? -1 },
    };
  }

  /** As `end`; null where the cluster says that there is no such stream. */
  async endIfThere(stream: string): Promise<MadeStream | null> {
    try {
      return await this.end(stream);
    } catch (error) {
      if (error instanceof StreamIsGone) return null;
      throw error;
    }
  }

  /** Of the message at `seq`, as the stream's leader knows it. */
  async placeOf(stream: string, seq: number): Promise<{ time: string; subject: string } | null> {
    const found = await this.manager.streams.getMessage(stream, { seq });
    return found === null ? null : { time: found.timestamp, subject: found.subject };
  }

  /** When the subject's newest message was stored, ms since 1970, as the stream's leader knows it. */
  async timeOfLast(stream: string, subject: string): Promise<number | null> {
    const found = await this.manager.streams.getMessage(stream, { last_by_subj: subject });
    return found === null ? null : Date.parse(found.timestamp);
  }

  /**
   * Removes the subject's messages below `before`, or all, one by one. Not by the servers' own purge of a subject: with
   * nats-server 2.9.10 that takes other subjects' messages along where a server dies meanwhile; see ADR 26.
   */
  async purge(stream: string, filter: string, before = Infinity): Promise<void> {
    const underWay: Promise<void>[] = [];
    for (let after = 0; ; ) {
      const found = await this.next(stream, filter, after);
      if (found === null || found.seq >= before) break;
      after = found.seq;
      const removing = this.#remove(stream, found.seq, false);
      // Waited for below; meanwhile another may have failed first.
      removing.catch(() => undefined);
      underWay.push(removing);
      if (underWay.length >= REMOVED_AT_ONCE) await underWay.shift();
    }
    await Promise.all(underWay);
  }

  /** Overwrites one message on the disks and removes it. One that is gone is gone. */
  erase(stream: string, seq: number): Promise<void> {
    return this.#remove(stream, seq, true);
  }

  async #remove(stream: string, seq: number, overwrites: boolean): Promise<void> {
    try {
      await this.manager.streams.deleteMessage(stream, seq, overwrites);
    } catch (error) {
      if ((await this.manager.streams.getMessage(stream, { seq })) !== null) throw error;
    }
  }

  /** The subjects that hold something, with how many messages. */
  async subjects(stream: string, filter: string): Promise<Record<string, number>> {
    const { state } = await this.manager.streams.info(stream, { subjects_filter: filter });
    return state.subjects ?? {};
  }

  subscribe(subject: string, listener: (message: Msg) => void): { unsubscribe(): void } {
    return this.connection.subscribe(subject, {
      callback: (error, message) => {
        // An error here is a lost permission or a closed connection; the sweep finds what is missed by it.
        if (error === null) listener(message);
      },
    });
  }

  /** Fulfils once the server has what was asked of it before. */
  async flush(): Promise<void> {
    await this.connection.flush();
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  get #hasCopies(): boolean {
    return this.connection.info?.cluster !== undefined;
  }

  /** As many answers of copies, without those that did not come: which copy gives one is chance. */
  async #ask(stream: string, query: DirectMsgRequest, times: number): Promise<(Stored | null)[]> {
    const ask = async (): Promise<Stored | null> =>
      stored(await this.#replicas.direct.getMessage(stream, query));
    const answers = await Promise.allSettled(Array.from({ length: times }, ask));
    // Stopped, cut off or gone: it has nothing to say.
    return answers.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  }
}

interface StreamAnswer {
  readonly state?: { readonly last_seq: number; readonly last_ts: string; readonly bytes: number };
  readonly config?: { readonly max_bytes?: number };
  readonly cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly { readonly offline?: boolean; readonly active: number }[];
  };
  readonly created?: string;
  readonly error?: { readonly err_code: number; readonly description: string };
}

interface LeaderAnswer {
  readonly message?: { readonly seq: number; readonly subject: string; readonly data?: string };
  readonly error?: { readonly code: number; readonly description: string };
}

function stored(message: StoredMsg | null): Stored | null {
  return message === null ? null : { seq: message.seq, subject: message.subject, data: message.data };
}

/** The answers that there were, each once, the commonest first. */
function byCount(answers: readonly (Stored | null)[]): (Stored | null)[] {
  const alike = new Map<string, (Stored | null)[]>();
  for (const answer of answers) {
    const key = answer === null ? "" : Buffer.from(answer.data).toString("latin1");
    const same = alike.get(key);
    if (same === undefined) alike.set(key, [answer]);
    else same.push(answer);
  }
  return [...alike.values()].sort((a, b) => b.length - a.length).map(([answer = null]) => answer);
}

/** What any failed question means to who asked the log. */
export function asUnavailable(error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return unavailable(`the NATS cluster did not answer as it should: ${why}`, error);
}
