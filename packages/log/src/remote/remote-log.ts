import { type Clock, CodedError, type Random, systemClock, systemRandom } from "@parlor/base";
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
} from "../room-log.ts";
import type { SignalBus } from "../signal-bus.ts";
import { Calls } from "../sqlite/calls.ts";
import { logIsClosed, StatusBoard, unavailable } from "../status-board.ts";
import { TailBoard } from "../tail-board.ts";
import { errorOf, readFault } from "./append-results.ts";
import { type FollowedRoom, FollowedRooms } from "./followed-rooms.ts";
import { LINK_VERSION } from "./handshake.ts";
import { type LinkFrame, linkFrame } from "./link-frame.ts";
import { readEvent, readMessages, readPage } from "./message-columns.ts";
import { OwnerLink } from "./owner-link.ts";
import { packQuestion, type Question } from "./questions.ts";
import { RemoteAppends } from "./remote-appends.ts";
import { RemoteBus } from "./remote-bus.ts";
import { ColumnReader } from "./text-columns.ts";

export interface RemoteLogOptions {
  /** Where a `LogHost` listens. */
  readonly path: string;
  /** What this build is called; an owner of another one refuses it. @default "unknown" */
  readonly build?: string | undefined;
  /** How long `open` waits for an owner, in ms. @default 10_000 */
  readonly openWithinMs?: number | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** For the jitter of coming back. @default the system's */
  readonly random?: Random | undefined;
}

/** Questions that may wait for the owner; beyond it they are refused. */
const MAX_WAITING_QUESTIONS = 10_000;

/** How long `close` waits for what the owner has not answered, in ms. */
const CLOSE_WITHIN_MS = 5_000;

const NO_OWNER = "the log's owner can't be reached just now; try again";
const LINK_BROKE =
  "the link to the log's owner broke, and whether this was stored is not known; send it again";

/**
 * The log of another process, over a local socket.
 *
 * While the link is down everything is refused as `unavailable`, what was under way too, and the status
 * is `unreachable`. It comes back by itself, follows again what was followed, and tells `missed` of each
 * room; publishes that are sent again find their producer's row.
 */
export class RemoteLog implements RoomLog {
  /** The owner itself answers `head` and `read`, so a cursor beyond its head is of another history. */
  readonly canLag = false;
  readonly #clock: Clock;
  readonly #status = new StatusBoard();
  readonly #board = new TailBoard();
  readonly #followed = new FollowedRooms();
  readonly #calls = new Calls();
  readonly #appends: RemoteAppends;
  readonly #link: OwnerLink;
  readonly #bus: RemoteBus;
  #opening: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null = null;
  #closing: Promise<void> | null = null;
  #onIdle: (() => void) | null = null;
  /** How many watch, and so whether the owner has been asked to tell of changes. */
  #watching = 0;

  private constructor({
    path,
    build = "unknown",
    clock = systemClock,
    random = systemRandom,
  }: RemoteLogOptions) {
    this.#clock = clock;
    this.#status.change({ kind: "unreachable", message: NO_OWNER });
    this.#appends = new RemoteAppends((frame) => this.#link.send(frame));
    const own = { link: LINK_VERSION, build };
    this.#link = new OwnerLink(
      { path, own, clock, random },
      {
        onUp: (status) => this.#onUp(status),
        onDown: (why) => this.#onDown(why),
        onRefused: (sentence) => this.#onRefused(sentence),
        onFrame: (frame) => this.#onFrame(frame),
      },
    );
    const link = this.#link;
    this.#bus = new RemoteBus({
      get isUp() {
        return link.isUp;
      },
      get waitingBytes() {
        return link.waitingBytes;
      },
      send: (frame) => link.send(frame),
      // Where the link breaks first there is nobody to listen to, and the next one is asked again.
      listen: (channel) => this.#askOwner<void>({ kind: "bus-listen", channel }).catch(() => undefined),
    });
  }

  /**
   * Links to the owner of a log.
   * @throws {CodedError} `unavailable` where no owner answered in time, `log-other-build` where it is not
   *   of this build.
   */
  static async open(options: RemoteLogOptions): Promise<RemoteLog> {
    const log = new RemoteLog(options);
    const { clock = systemClock, openWithinMs = 10_000 } = options;
    const timer = clock.after(openWithinMs, () => log.#opening?.reject(unavailable(NO_OWNER)));
    try {
      await new Promise<void>((resolve, reject) => {
        log.#opening = { resolve, reject };
      });
      return log;
    } catch (error) {
      await log.close();
      throw error;
    } finally {
      log.#opening = null;
      clock.cancel(timer);
    }
  }

  get status(): LogStatus {
    return this.#status.status;
  }

  /** Over the same link, to the other processes that the owner serves; closed with the log. */
  get bus(): SignalBus {
    return this.#bus;
  }

  onStatus(listener: (status: LogStatus) => void): () => void {
    return this.#status.listen(listener);
  }

  append(append: Append): Promise<AppendResult> {
    if (this.#closing !== null || !this.#link.isUp) return Promise.reject(this.#refusal());
    return this.#appends.add(append);
  }

  read(room: string, after: number, bounds: ReadBounds): Promise<Page> {
    return this.#ask({ kind: "read", room, offset: after, bounds });
  }

  readBefore(room: string, before: number, bounds: ReadBounds): Promise<Page> {
    return this.#ask({ kind: "read-before", room, offset: before, bounds });
  }

  related(
    room: string,
    offsets: readonly number[],
    perMessage: number,
    bounds: ReadBounds,
  ): Promise<readonly StoredMessage[]> {
    return this.#ask({ kind: "related", room, offsets, perMessage, bounds });
  }

  head(room: string, newest = 0): Promise<RoomHead> {
    return this.#ask({ kind: "head", room, offset: newest });
  }

  async tail(room: string, listener: (event: TailEvent) => void): Promise<Tail> {
    this.#requireUp();
    const { followed, isNew } = this.#followed.enter(room);
    const { number } = followed;
    try {
      // A room that is followed here already: what was told of it before this call must not reach the
      // newcomer, and is all behind it when the fence is answered.
      await this.#ask(isNew ? { kind: "follow", room, number, again: false } : { kind: "fence" });
      if (this.#closing !== null) throw logIsClosed();
    } catch (error) {
      this.#leave(followed);
      throw error;
    }
    const tail = this.#board.follow(room, listener);
    let isOpen = true;
    return {
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        tail.close();
        this.#leave(followed);
      },
    };
  }

  async watch(listener: (change: RoomChange) => void): Promise<Tail> {
    this.#requireUp();
    this.#watching += 1;
    try {
      // The owner tells each link once, however many watch here; for later ones this is the fence.
      await this.#ask({ kind: "watch" });
      if (this.#closing !== null) throw logIsClosed();
    } catch (error) {
      this.#watching -= 1;
      throw error;
    }
    const tail = this.#board.watch(listener);
    let isOpen = true;
    return {
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        tail.close();
        // The owner goes on telling: whoever watches does so for as long as the process lives.
        this.#watching -= 1;
      },
    };
  }

  trim(room: string, before: number): Promise<number> {
    return this.#ask({ kind: "trim", room, offset: before });
  }

  redact(room: string, offset: number, own?: OwnWords): Promise<boolean> {
    return this.#ask({ kind: "redact", room, offset, own });
  }

  delete(room: string): Promise<boolean> {
    return this.#ask({ kind: "delete", room });
  }

  purge(): Promise<boolean> {
    return this.#ask({ kind: "purge" });
  }

  rooms(afterName: string, limit: number): Promise<readonly RoomSummary[]> {
    return this.#ask({ kind: "rooms", afterName, limit });
  }

  /** What the owner has to say of itself: what its `LogHost` was given as `about`. */
  about(): Promise<string> {
    return this.#ask({ kind: "about" });
  }

  /** Waits for the owner's answers, as long as there is one and 5 s at most, and lets go of the link. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#appends.flush();
    if (this.#link.isUp && !this.#isIdle()) await this.#idle();
    this.#link.close();
    await this.#bus.close();
    this.#failAll(logIsClosed());
    this.#status.change({ kind: "closed" });
    this.#board.clear();
  }

  async #idle(): Promise<void> {
    const isIdle = new Promise<void>((resolve) => (this.#onIdle = resolve));
    const timer = this.#clock.after(CLOSE_WITHIN_MS, () => this.#onIdle?.());
    await isIdle;
    this.#clock.cancel(timer);
  }

  /** Rejects rather than throws: this is where every question of the port begins. */
  async #ask<Value>(question: Question): Promise<Value> {
    this.#requireUp();
    if (this.#calls.count >= MAX_WAITING_QUESTIONS) {
      throw unavailable("too many questions wait for the log's owner; try again");
    }
    return this.#askOwner(question);
  }

  #askOwner<Value>(question: Question): Promise<Value> {
    // What was appended before the question is in the log before its answer.
    this.#appends.flush();
    return this.#calls.start((id) => {
      const { text, numbers } = packQuestion(question);
      this.#link.send(linkFrame("ask", id, text, numbers));
    });
  }

  #requireUp(): void {
    if (this.#closing !== null || !this.#link.isUp) throw this.#refusal();
  }

  #refusal(): Error {
    const { status } = this;
    if (this.#closing !== null) return logIsClosed();
    return unavailable("message" in status ? status.message : NO_OWNER);
  }

  #leave(followed: FollowedRoom): void {
    if (this.#followed.leave(followed)) this.#link.send(linkFrame("unfollow", followed.number));
  }

  #onUp(status: LogStatus): void {
    // Before anything else is asked: whoever is answered from now on is also told.
    for (const followed of this.#followed.all()) this.#followAgain(followed);
    if (this.#watching > 0) this.#watchAgain();
    this.#bus.up();
    this.#status.change(status);
    this.#opening?.resolve();
  }

  #followAgain({ room, number }: FollowedRoom): void {
    this.#askOwner({ kind: "follow", room, number, again: true }).catch(() => {
      // Where the link broke again, the next one follows; an owner that can't follow is left for another.
      if (this.#link.isUp && this.#followed.roomOf(number) === room) this.#link.renew();
    });
  }

  #watchAgain(): void {
    this.#askOwner({ kind: "watch" }).then(
      () => this.#board.tellChange({ kind: "missed" }),
      () => {
        if (this.#link.isUp) this.#link.renew();
      },
    );
  }

  #onDown(why: string): void {
    const message = why === "" ? NO_OWNER : `${NO_OWNER} (the link was given up: ${why})`;
    this.#status.change({ kind: "unreachable", message });
    this.#failAll(unavailable(LINK_BROKE));
  }

  #onRefused(sentence: string): void {
    this.#opening?.reject(new CodedError("log-other-build", sentence));
    this.#status.change({ kind: "failed", message: sentence });
    this.#failAll(unavailable(sentence));
  }

  #failAll(error: Error): void {
    this.#appends.failAll(error);
    this.#calls.failAll(error);
    this.#noteIdle();
  }

  #onFrame(frame: LinkFrame): void {
    switch (frame.kind) {
      case "results":
        this.#appends.settle(frame);
        break;
      case "page":
        this.#calls.fulfil(frame.tag, readPage(new ColumnReader(frame)));
        break;
      case "messages":
        this.#calls.fulfil(frame.tag, readMessages(new ColumnReader(frame)));
        break;
      case "value":
        this.#calls.fulfil(frame.tag, frame.text === "" ? undefined : JSON.parse(frame.text));
        break;
      case "fault":
        this.#calls.fail(frame.tag, errorOf(readFault(new ColumnReader(frame))));
        break;
      case "event":
        return this.#onEvent(frame);
      case "change":
        return this.#board.tellChange(JSON.parse(frame.text) as RoomChange);
      case "bus":
        return this.#bus.take(frame);
      case "bus-dropped":
        return this.#bus.missed(frame.tag);
      case "status":
        return this.#status.change(JSON.parse(frame.text) as LogStatus);
      default:
        throw new Error(`the owner of the log sent ${frame.kind}`);
    }
    this.#noteIdle();
  }

  #onEvent(frame: LinkFrame): void {
    const room = this.#followed.roomOf(frame.tag);
    if (room !== undefined) this.#board.tell(room, readEvent(new ColumnReader(frame)));
  }

  #isIdle(): boolean {
    return this.#appends.count === 0 && this.#calls.count === 0;
  }

  #noteIdle(): void {
    if (this.#isIdle()) this.#onIdle?.();
  }
}
