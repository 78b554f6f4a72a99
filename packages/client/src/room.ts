import type { RoomTypes } from "@parlor/contract";
import {
  isEpoch,
  isOffset,
  MAX_PAGE_MESSAGES,
  type HistoryPageFrame,
  type Message,
  type MessageOf,
  type Position,
} from "@parlor/protocol";
import { check } from "./check.ts";
import { errorOf, type ClientShell } from "./client-shell.ts";
import type { Failure, Published, RefusedPublish, RoomNotice } from "./effects.ts";
import { Emitter } from "./emitter.ts";
import type { HistoryQuery } from "./history-requests.ts";
import type { IterableRoom, MessagesOptions } from "./message-iterator.ts";
import type { PendingPublish } from "./outbox-item.ts";
import { checkBody } from "./publish-body.ts";
import type { RoomEvents } from "./room-events.ts";

export interface SubscribeOptions {
  /** Join with the newest so many messages; 0 to 500. @default 0 */
  readonly last?: number | undefined;
  /** Go on behind this position, for one who kept it. Not together with `last`. */
  readonly from?: Position | undefined;
  /** After a long absence begin no further back than the newest so many. @default no limit */
  readonly atMost?: number | undefined;
}

export interface PublishOptions {
  /** The offset of the message that this one is about. */
  readonly re?: number | undefined;
}

/** A page of history, its bodies as the contract says. */
export type HistoryPage<Body = unknown> = Omit<HistoryPageFrame, "messages"> & {
  readonly messages: readonly MessageOf<Body>[];
};

/** Refused publishes that a room keeps for people to see; the oldest go first. */
const MAX_REFUSED = 100;

/** One room, as this client sees it. Made by `ParlorClient.room`. */
export class ClientRoom<Types extends RoomTypes = RoomTypes> {
  readonly name: string;
  /** @internal */
  readonly shell: ClientShell;
  readonly #emitter = new Emitter<RoomEvents>();
  readonly #ends = new Emitter<{ end: readonly [failure: Failure | null] }>();
  #pending: readonly PendingPublish[] | null = null;
  #refused: readonly RefusedPublish[] = [];
  /** `subscribe` was called: the subscription does not end with the last iteration. */
  #isSubscribed = false;
  #holds = 0;

  /** @internal */
  constructor(name: string, shell: ClientShell) {
    this.name = name;
    this.shell = shell;
  }

  /** The last message delivered; null before the first `subscribed`. */
  get cursor(): Position | null {
    return this.shell.core.rooms.get(this.name)?.cursor.position ?? null;
  }

  /** The offset of the room's newest message as far as told; null before the first `subscribed`. */
  get head(): number | null {
    return this.shell.core.rooms.get(this.name)?.cursor.head ?? null;
  }

  /** Publishes that are not answered for good yet, in order. */
  get outbox(): readonly PendingPublish[] {
    if (this.#pending === null) {
      const room = this.shell.core.rooms.get(this.name);
      this.#pending = room?.outbox.view() ?? [];
    }
    return this.#pending;
  }

  /** Publishes that ended without success, oldest first; at most 100 are kept, until `dismiss`. */
  get refused(): readonly RefusedPublish[] {
    return this.#refused;
  }

  /** Takes a refused publish off the list; nothing happens where it is not on it. */
  dismiss(id: number): void {
    this.#refused = this.#refused.filter((refused) => refused.id !== id);
  }

  /** Calls `listener` at every event of that name; returns how to stop. */
  on<Name extends keyof RoomEvents & string>(
    name: Name,
    listener: (...args: RoomEvents<Types["message"]>[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener as (...args: RoomEvents[Name]) => void);
  }

  /**
   * Wants the room's messages, from now on and through every reconnect, until `unsubscribe`. While it is
   * wanted a second call changes nothing. With neither `last` nor `from` it goes on behind `cursor`,
   * where there is one from before.
   *
   * @throws {CodedError} `bad-option` where an option can't be taken.
   */
  subscribe(options: SubscribeOptions = {}): void {
    checkSubscribe(options);
    this.#isSubscribed = true;
    this.#begin(options);
  }

  /** Wants the room no more; its iterations end too. `cursor` stays. */
  unsubscribe(): void {
    this.#isSubscribed = false;
    this.shell.step({ kind: "unsubscribe", room: this.name });
    this.#ends.emit("end", null);
  }

  /**
   * Publishes one message, and fulfils when it is on the server's disk. It may be called before the
   * client is connected, and waits through every reconnect; messages of one room arrive in the order of
   * the calls, each once.
   *
   * @param body Any JSON value, at most `maxBodyBytes` (65,536 unless the server says otherwise). It is
   *   taken as it is now; changing it later changes nothing.
   * @throws {CodedError} `bad-frame`, `too-large`: the body can't be taken. `unavailable`: the outbox is
   *   full. Nothing was stored in these cases. The server's `bad-…`, `too-large` and `forbidden` mean
   *   the same, except that a sending before may have been stored if the sentence says so. `closed`, or
   *   the code with which the server turned this client away, and `unsettled`: the sentence tells
   *   whether it may have been stored.
   */
  async publish(body: Types["publish"], options: PublishOptions = {}): Promise<Published> {
    const { re } = options;
    check(re === undefined || (isOffset(re) && re >= 1), "bad-frame", "`re` is the offset of a message.");
    const checked = checkBody(body, this.shell.core.limits.maxBodyBytes);
    return await this.shell.publish(this.name, checked, re);
  }

  /**
   * Reads a page of history, ascending: the newest `limit` messages, or those just before `before`. It
   * waits through reconnects.
   *
   * @param query.limit 1 to 500, default 50. A page also ends at 256 KiB, with `more: true`.
   * @throws {CodedError} The server's refusal; `unavailable` where 256 questions are open already;
   *   `closed`.
   */
  async history(query: Omit<HistoryQuery, "room"> = {}): Promise<HistoryPage<Types["message"]>> {
    const { before, limit } = query;
    check(isCount(before, 0, Infinity), "bad-option", "`before` is an offset.");
    check(isCount(limit, 1), "bad-option", `\`limit\` is a whole number from 1 to ${MAX_PAGE_MESSAGES}.`);
    const page = await this.shell.history({ ...query, room: this.name });
    return page as HistoryPage<Types["message"]>;
  }

  /**
   * The room's messages as an async iteration, each once and in order, at the reader's own pace. It
   * subscribes where nobody did, and unsubscribes when it ends where nobody else wants the room.
   *
   * It ends quietly when the loop is left, `signal` aborts or `unsubscribe` is called.
   * @throws {CodedError} `lost`, unless `onLost` is given; the code with which the server ended the
   *   subscription; `closed`.
   */
  messages(options: MessagesOptions = {}): AsyncGenerator<MessageOf<Types["message"]>, void, undefined> {
    checkSubscribe(options);
    check(
      options.maxBuffered === undefined || options.maxBuffered >= 1,
      "bad-option",
      "`maxBuffered` is a number from 1.",
    );
    return this.#iterate(options) as AsyncGenerator<MessageOf<Types["message"]>, void, undefined>;
  }

  /** @internal What the core says of this room. */
  tell(notice: RoomNotice): void {
    switch (notice.name) {
      case "messages":
        return this.#emitter.emit("messages", notice.messages, { live: notice.live });
      case "outbox":
        this.#pending = null;
        return this.#emitter.emit("outbox");
      case "refused":
        this.#refused = [...this.#refused, notice.value].slice(-MAX_REFUSED);
        return this.#emitter.emit("refused", notice.value);
      case "unsubscribed":
        this.#isSubscribed = false;
        return this.#emitter.emit("unsubscribed", notice.value);
      case "subscribed":
      case "lost":
      case "skipped":
        return this.#emitter.emit(notice.name, notice.value as never);
    }
  }

  /** @internal The client is closed. */
  end(failure: Failure): void {
    this.#ends.emit("end", failure);
  }

  async *#iterate(options: MessagesOptions): AsyncGenerator<Message, void, undefined> {
    // Loaded on demand where the bundler splits: most pages listen to events.
    const { iterateMessages } = await import("./message-iterator.ts");
    const room: IterableRoom = {
      on: (name, listener) => this.#emitter.on(name, listener),
      errorOf,
      onEnd: (listener) => this.#ends.on("end", listener),
      history: (query) => this.shell.history({ ...query, room: this.name }),
      hold: (held) => this.#hold(held),
      cursorOf: () => this.cursor,
    };
    yield* iterateMessages(room, options);
  }

  #begin({ last, from, atMost }: SubscribeOptions): void {
    this.shell.step({ kind: "subscribe", room: this.name, wanted: { last, from, atMost } });
  }

  #hold(options: SubscribeOptions): { readonly hasBegun: boolean; release(): void } {
    const wanted = this.shell.core.rooms.get(this.name)?.cursor.wanted ?? null;
    const hasBegun = wanted === null;
    if (hasBegun)
      this.#begin({ ...options, last: options.from === undefined ? (options.last ?? 0) : undefined });
    this.#holds += 1;
    let isHeld = true;
    return {
      hasBegun,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#holds -= 1;
        if (this.#holds > 0 || this.#isSubscribed) return;
        this.shell.step({ kind: "unsubscribe", room: this.name });
      },
    };
  }
}

function checkSubscribe({ last, from, atMost }: SubscribeOptions): void {
  const isFrom = from === undefined || (last === undefined && isEpoch(from.epoch) && isOffset(from.offset));
  check(isFrom, "bad-option", "`from` is a position, and takes the place of `last`.");
  check(isCount(last, 0), "bad-option", `\`last\` is a whole number from 0 to ${MAX_PAGE_MESSAGES}.`);
  check(isCount(atMost, 0, Infinity), "bad-option", "`atMost` is a whole number from 0.");
}

/** Left out, or a whole number in the range. */
function isCount(value: number | undefined, min: number, max = MAX_PAGE_MESSAGES): boolean {
  return value === undefined || (isOffset(value) && value >= min && value <= max);
}
