import { CodedError, randomId } from "@parlor/base";
import type { RoomTypes } from "@parlor/contract";
import type { Append, Page, RoomLog } from "@parlor/log";
import {
  bodyFromJson,
  isOffset,
  isProducer,
  MAX_STATE_KEY_CHARS,
  roomNameFault,
  type Message,
  type MessageOf,
} from "@parlor/protocol";
import { EncodedBatch } from "./room/encoded-batch.ts";
import {
  type ReaderEffect,
  type ReaderHandle,
  type RoomReaderOptions,
  startReader,
} from "./reader-handle.ts";
import { followPresence, type PresenceChange, presenceOf, type ServerPresence } from "./presence-handle.ts";
import { oneRoom } from "./reader/room-choice.ts";
import { faultText } from "./room/logger.ts";
import type { StartRequest } from "./room/start-position.ts";
import type { StateRoom } from "./room/state-room.ts";
import type { SubscriptionSink } from "./room/subscription.ts";
import type { Action, Refusal } from "./session/hooks.ts";
import { filesFault } from "./session/files-fault.ts";
import { identityFault, SERVER_IDENTITY } from "./session/identity.ts";
import { jsonOf } from "./session/json-of.ts";
import { judgeOwn, type Judged } from "./session/judge.ts";
import type { Services } from "./session/services.ts";

export interface ServerPublishOptions {
  /** The offset that this message is about. */
  readonly re?: number | undefined;
  /**
   * Whose message it is, such as one that waited for a moderator: its `from`. No hook is asked.
   * @default the server's own, `@server`
   */
  readonly as?: string | undefined;
  /**
   * Names this publish for ever: the same key and room give the same message, however often it is tried,
   * for 7 days. 8 to 32 characters of `[A-Za-z0-9_-]`. Without it every call appends.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface ServerSubscribeOptions {
  /** Begin behind this offset; default: with what comes from now on. */
  readonly after?: number | undefined;
  /** Or with the newest so many, up to 500. */
  readonly last?: number | undefined;
  /** Called once where nothing more will come although nobody closed: the room was deleted. Must not throw. */
  readonly onEnd?: ((reason: string) => void) | undefined;
}

/** A signal as the server's own code has it. */
export interface ServerSignal<Body = unknown> {
  /** The identity that says it; `@server` where another process's code does. */
  readonly from: string;
  readonly body: Body;
}

/**
 * A room as the server's own code has it: it speaks as `@server`, no hook and no rate is asked.
 * Every method rejects with a `CodedError` of code `unavailable` where the log can't serve.
 */
export class RoomHandle<Types extends RoomTypes = RoomTypes> {
  readonly name: string;
  readonly #services: Services;

  /** @throws {CodedError} `bad-room` where it can't be a room's name. */
  constructor(name: string, services: Services) {
    const fault = roomNameFault(name);
    if (fault !== null) throw new CodedError("bad-room", `Not a room: ${fault}.`);
    this.name = name;
    this.#services = services;
  }

  /**
   * Appends one message; fulfils when it is durable.
   * @param body Anything that JSON can say, up to `maxBodyBytes`.
   * @throws {CodedError} `bad-frame` where JSON can't say it or an option can't be one, `too-large` above the limit.
   */
  async publish(
    body: Types["publish"],
    options: ServerPublishOptions = {},
  ): Promise<{ epoch: string; offset: number }> {
    const bodyJson = await this.#bodyJson("publish", body);
    await this.#requireFiles(bodyJson);
    const { re, as, idempotencyKey } = options;
    const fault = as === undefined ? null : identityFault(as);
    if (fault !== null) throw new CodedError("bad-frame", `\`as\` is no identity: ${fault}.`);
    if (re !== undefined && (!isOffset(re) || re === 0)) {
      throw new CodedError("bad-frame", "`re` is an offset, a whole number from 1.");
    }
    if (idempotencyKey !== undefined && !isProducer(idempotencyKey)) {
      throw new CodedError("bad-frame", "`idempotencyKey` is 8 to 32 characters of A-Z, a-z, 0-9, _ and -.");
    }
    const append: Append = {
      room: this.name,
      from: as ?? SERVER_IDENTITY,
      producer: idempotencyKey ?? randomId(12),
      seq: 1,
      afterSeq: 0,
      re,
      bodyJson,
      remember: idempotencyKey !== undefined,
      admit: "any",
    };
    const result = await this.#services.appends.append(append);
    if (result.kind === "appended") {
      this.#services.counters.published += 1;
      return { epoch: result.epoch, offset: result.offset };
    }
    if (result.kind === "duplicate" && result.offset !== undefined) {
      this.#services.counters.duplicates += 1;
      return { epoch: result.epoch, offset: result.offset };
    }
    throw new CodedError("internal", `The log answered ${result.kind} to a publish of the server.`);
  }

  /** Messages behind `after`, ascending, up to `limit` (default 50). */
  async read({
    after = 0,
    limit = 50,
  }: {
    after?: number;
    limit?: number;
  } = {}): Promise<ReadPage<Types["message"]>> {
    return readable(await this.#log.read(this.name, after, { maxMessages: limit, maxBytes: Infinity }));
  }

  /** The newest messages before `before` (default: from the head), ascending, up to `limit` (default 50). */
  async readBefore({
    before = Infinity,
    limit = 50,
  }: {
    before?: number;
    limit?: number;
  } = {}): Promise<ReadPage<Types["message"]>> {
    return readable(
      await this.#log.readBefore(this.name, before, { maxMessages: limit, maxBytes: Infinity }),
    );
  }

  /**
   * Follows the room until `close`, or until it is deleted: every message once, in order. `onMessages` must not throw; it is
   * called while the room fans out, so hand long work on.
   */
  async subscribe(
    onMessages: (messages: readonly MessageOf<Types["message"]>[]) => void,
    options: ServerSubscribeOptions = {},
  ): Promise<{ close(): void }> {
    const room = await this.#services.rooms.acquire(this.name);
    let isClosed = false;
    let close = (): void => {};
    const sink: SubscriptionSink = {
      isWritable: true,
      subscribed() {},
      ended(_room: string, reason: string) {
        close();
        options.onEnd?.(reason);
      },
      deliver(batch: EncodedBatch) {
        if (!isClosed) onMessages(batch.messages.map(toMessage) as readonly MessageOf<Types["message"]>[]);
        return true;
      },
    };
    const request: StartRequest =
      options.after === undefined
        ? { kind: "join", last: options.last ?? 0 }
        : { kind: "resume", epoch: undefined, after: options.after, atMost: undefined };
    try {
      await room.subscribe(
        request,
        sink,
        () => true,
        (subscription) => {
          close = () => {
            if (isClosed) return;
            isClosed = true;
            subscription.close();
            this.#services.rooms.release(room);
          };
        },
      );
    } catch (error) {
      this.#services.rooms.release(room);
      throw error;
    }
    return { close: () => close() };
  }

  /**
   * Reads this room under a name, as `parlor.reader` reads many: once for each message, across restarts.
   *
   *     room.reader("greeter", async (message, { key }) => { … }, { from: "now" });
   *
   * @throws {CodedError} `bad-reader`
   */
  reader(
    name: string,
    effect: ReaderEffect<Types["message"]>,
    options: RoomReaderOptions = {},
  ): ReaderHandle {
    return startReader(this.#services, name, oneRoom(this.name), options, effect);
  }

  /** Erases one body for good, and the files that it holds; the message keeps its place. False where there is none. */
  async redact(offset: number): Promise<boolean> {
    await this.#services.files?.release(this.name, offset);
    return this.#log.redact(this.name, offset);
  }

  /** Forgets all messages before `before`; answers the earliest that is kept. */
  trim(before: number): Promise<number> {
    return this.#log.trim(this.name, before);
  }

  /** Deletes the room, its state and its files; who is subscribed is told. False where there were no messages. */
  async delete(): Promise<boolean> {
    await this.#services.states.delete(this.name);
    const wasThere = await this.#log.delete(this.name);
    await this.#services.files?.dropRoom(this.name);
    return wasThere;
  }

  /**
   * Sets a key of the room's state, or removes it with null; fulfils when that is durable, or with
   * `volatileState` when it is done, with the state's version. Readers are told of the newest value of each key.
   * @param key 1 to 128 characters.
   * @param value Anything that JSON can say, up to `maxBodyBytes`.
   * @throws {CodedError} `bad-frame` where it can't be one, `too-large` above a limit of the value or the state.
   */
  async set(key: string, value: Types["set"] | null): Promise<{ version: number }> {
    if (typeof key !== "string" || key === "" || key.length > MAX_STATE_KEY_CHARS || !key.isWellFormed()) {
      throw new CodedError("bad-frame", `A key is a string of 1 to ${MAX_STATE_KEY_CHARS} characters.`);
    }
    const valueJson = await this.#bodyJson("set", value);
    return await this.#withState(async (state) => ({
      version: await state.set(key, valueJson, SERVER_IDENTITY),
    }));
  }

  /**
   * Makes the room's state what `values` says: sets what differs, removes what is not in it, and writes nothing of
   * the rest. Fulfils when all of that is durable. It is not one step: a reader may see a part of it, and where one
   * key can't be set it rejects and the others are. It goes by the state as this process has it: what another one
   * sets at the same moment may stay.
   * @throws {CodedError} as `set` does.
   */
  async replaceState(values: ReadonlyMap<string, Types["set"]>): Promise<void> {
    const now = await this.#withState(
      (state) => new Map([...state.values()].map((each) => [each.key, each])),
    );
    const changes: Promise<unknown>[] = [];
    for (const [key, value] of values) {
      if (jsonOf(value, Infinity) !== now.get(key)?.valueJson) changes.push(this.set(key, value));
    }
    for (const key of now.keys()) if (!values.has(key)) changes.push(this.set(key, null));
    const outcomes = await Promise.allSettled(changes);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  /** The room's state as it is now: the value of every key. */
  state(): Promise<ReadonlyMap<string, Types["state"]>> {
    return this.#withState((state) => {
      const values = new Map<string, Types["state"]>();
      for (const { key, valueJson } of state.values()) values.set(key, bodyFromJson(valueJson));
      return values;
    });
  }

  /**
   * Says something to those who listen now, in every process: not stored, dropped for whom it is too much. It
   * is encoded once for all, and does not wait for the room's `signalTick`.
   * @param body Anything that JSON can say, up to `maxBodyBytes`.
   * @throws {CodedError} `bad-frame` where JSON can't say it, `too-large` above the limit.
   *   Where a schema is asynchronous, the signal goes out behind it, and one that does not fit is told to the logger.
   */
  signal(body: Types["signal"]): void {
    const { signals, logger } = this.#services;
    const judged = this.#judge("signal", body);
    if (!(judged instanceof Promise)) return signals.sendOfServer(this.name, jsonOfJudged(judged));
    void judged.then((later) => {
      if ("code" in later) logger.error("A signal of the server's own code does not fit its contract.");
      else signals.sendOfServer(this.name, later.bodyJson);
    });
  }

  /**
   * Calls `listener` with every signal of the room as it comes, whatever its `signalTick`, but not with those of
   * this process's own code. Hand long work on. Fulfils when other processes are heard, too. What it throws is
   * told to the logger and goes no further: bodies are what strangers say, and may be anything.
   *
   * Whoever says something need not be subscribed: what is meant for the server alone goes to a room whose
   * signals nobody asks for, and costs no fan-out.
   */
  async onSignal(listener: (signal: ServerSignal<Types["signalled"]>) => void): Promise<{ close(): void }> {
    const { signals, counters, logger } = this.#services;
    const room = signals.acquire(this.name);
    const stop = room.listen((signal) => {
      if (signals.isOwn(signal)) return;
      try {
        listener({ from: signal.from, body: bodyFromJson(signal.bodyJson) });
      } catch (fault) {
        counters.internalFaults += 1;
        logger.error("A listener of signals threw.", { fault: faultText(fault) });
      }
    });
    await room.ready;
    let isOpen = true;
    return {
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        stop();
        signals.release(room);
      },
    };
  }

  /** Who is there now, in every process: those who subscribe with `presence`. Takes at most 1 s. */
  presence(): Promise<ServerPresence> {
    return presenceOf(this.#services, this.name);
  }

  /**
   * Calls `listener` with all who are there, and then with each change, until `close`; `left` comes 5 s after an
   * identity's last connection ended. Hand long work on. What it throws is told to the logger and goes no further.
   */
  onPresence(listener: (change: PresenceChange) => void): { close(): void } {
    return followPresence(this.#services, this.name, listener);
  }

  async #withState<Value>(use: (state: StateRoom) => Value | Promise<Value>): Promise<Value> {
    const { states } = this.#services;
    const state = await states.acquire(this.name);
    try {
      return await use(state);
    } finally {
      states.release(state);
    }
  }

  /** The body as it is stored: as JSON, and as the host's own contract makes of it. */
  async #bodyJson(action: Action, body: unknown): Promise<string> {
    return jsonOfJudged(await this.#judge(action, body));
  }

  #judge(action: Action, body: unknown): Judged | Refusal | Promise<Judged | Refusal> {
    const bodyJson = jsonOf(body, this.#services.limits.maxBodyBytes);
    if (this.#services.schemas === null || (action === "set" && body === null)) return { body, bodyJson };
    // As a peer's would be: what JSON made of it.
    return judgeOwn(action, this.name, { body: bodyFromJson(bodyJson), bodyJson }, this.#services);
  }

  async #requireFiles(bodyJson: string): Promise<void> {
    const { files } = this.#services;
    if (files === null) return;
    const refusal = await filesFault(files, this.name, { bodyJson });
    if (refusal !== null) throw new CodedError(refusal.code, refusal.message);
  }

  get #log(): RoomLog {
    return this.#services.log;
  }
}

function jsonOfJudged(judged: Judged | Refusal): string {
  if ("code" in judged) throw new CodedError(judged.code, judged.message);
  return judged.bodyJson;
}

export interface ReadPage<Body = unknown> {
  readonly epoch: string;
  readonly earliest: number;
  readonly head: number;
  readonly messages: readonly MessageOf<Body>[];
  readonly more: boolean;
}

function readable<Body>(page: Page): ReadPage<Body> {
  return { ...page, messages: page.messages.map(toMessage) as unknown as readonly MessageOf<Body>[] };
}

/** A message of the log as the server's own code has it. */
export function toMessage({ bodyJson, re, ...rest }: Page["messages"][number]): Message {
  return {
    ...rest,
    ...(re === undefined ? {} : { re }),
    body: bodyJson === null ? null : bodyFromJson(bodyJson),
    ...(bodyJson === null ? { redacted: true } : {}),
  };
}
