import type { RoomTypes } from "@parlor/contract";
import {
  isOffset,
  MAX_PAGE_MESSAGES,
  type HistoryPageFrame,
  type Message,
  type MessageOf,
} from "@parlor/protocol";
import { check } from "./check.ts";
import type { ClientShell } from "./client-shell.ts";
import { errorOf } from "./error-of.ts";
import { checkSubscribe, CoreRoom, isCount, type SubscribeOptions } from "./core-room.ts";
import type { Failure, Published, RefusedPublish, RoomNotice } from "./effects.ts";
import { Emitter } from "./emitter.ts";
import type { HistoryQuery } from "./history-requests.ts";
import type { IterableRoom, MessagesOptions } from "./message-iterator.ts";
import type { PendingPublish } from "./outbox-item.ts";
import { checkBody } from "./publish-body.ts";
import type { Publishing } from "./publishing.ts";

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
export class ClientRoom<Types extends RoomTypes = RoomTypes> extends CoreRoom<Types> {
  readonly #publishing: Publishing;
  readonly #ends = new Emitter<{ end: readonly [failure: Failure | null] }>();
  #pending: readonly PendingPublish[] | null = null;
  #refused: readonly RefusedPublish[] = [];
  /** `subscribe` was called: the subscription does not end with the last iteration. */
  #isSubscribed = false;
  #holds = 0;

  /** @internal */
  constructor(name: string, shell: ClientShell, publishing: Publishing) {
    super(name, shell);
    this.#publishing = publishing;
  }

  /** Publishes that are not answered for good yet, in order. */
  get outbox(): readonly PendingPublish[] {
    return (this.#pending ??= this.#publishing.outboxOf(this.name)?.view() ?? []);
  }

  /** Publishes that ended without success, oldest first; at most 100 are kept, until `dismiss`. */
  get refused(): readonly RefusedPublish[] {
    return this.#refused;
  }

  /** Takes a refused publish off the list; nothing happens where it is not on it. */
  dismiss(id: number): void {
    this.#refused = this.#refused.filter((refused) => refused.id !== id);
    this.#publishing.kept?.dismiss(this.name, id);
  }

  override subscribe(options: SubscribeOptions = {}): void {
    checkSubscribe(options);
    this.#isSubscribed = true;
    super.subscribe(options);
  }

  /** Wants the room no more; its iterations end too. `cursor` stays. */
  override unsubscribe(): void {
    this.#isSubscribed = false;
    super.unsubscribe();
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
    const { name, shell } = this;
    const checked = checkBody(body, shell.core.limits);
    return await shell.ask((ticket) => this.#publishing.publish(name, ticket, checked, re));
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
    return (await this.#page(query)) as HistoryPage<Types["message"]>;
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

  /** @internal */
  override tell(notice: RoomNotice): void {
    if (notice.name === "outbox") this.#pending = null;
    if (notice.name === "refused") this.#refused = [...this.#refused, notice.value].slice(-MAX_REFUSED);
    if (notice.name === "unsubscribed") this.#isSubscribed = false;
    super.tell(notice);
  }

  /** @internal */
  override end(failure: Failure): void {
    this.#ends.emit("end", failure);
  }

  async *#iterate(options: MessagesOptions): AsyncGenerator<Message, void, undefined> {
    // Loaded on demand where the bundler splits: most pages listen to events.
    const { iterateMessages } = await import("./message-iterator.ts");
    const room: IterableRoom = {
      on: (name, listener) => this.emitter.on(name, listener),
      errorOf,
      onEnd: (listener) => this.#ends.on("end", listener),
      history: (query) => this.#page(query),
      hold: (held) => this.#hold(held),
      cursorOf: () => this.cursor,
    };
    yield* iterateMessages(room, options);
  }

  #page(query: Omit<HistoryQuery, "room">): Promise<HistoryPageFrame> {
    return this.shell.ask((ticket) => this.#publishing.history({ ...query, room: this.name }, ticket));
  }

  #hold(options: SubscribeOptions): { readonly hasBegun: boolean; release(): void } {
    const hasBegun = this.shell.core.cursor(this.name).wanted === null;
    if (hasBegun)
      super.subscribe({ ...options, last: options.from === undefined ? (options.last ?? 0) : undefined });
    this.#holds += 1;
    let isHeld = true;
    return {
      hasBegun,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#holds -= 1;
        if (this.#holds > 0 || this.#isSubscribed) return;
        super.unsubscribe();
      },
    };
  }
}
