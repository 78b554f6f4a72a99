import type { Socket } from "node:net";
import { type Clock, RingBuffer } from "@parlor/base";
import type { AppendColumns } from "../sqlite/append-columns.ts";
import { unpackAppends } from "../sqlite/append-columns.ts";
import type { RoomLog, TailEvent } from "../room-log.ts";
import { faultOf, writeFault, writeOutcome, type AppendOutcome } from "./append-results.ts";
import { FrameSender } from "./frame-sender.ts";
import { buildMismatch, type LinkBuild, readBuild, statusBehindLink } from "./handshake.ts";
import type { BusMember, HostedBus } from "./hosted-bus.ts";
import { HostedChanges } from "./hosted-changes.ts";
import { HostedTails } from "./hosted-tails.ts";
import { type LinkFrame, LinkFrameReader, linkFrame, type LinkFrameKind } from "./link-frame.ts";
import { writeEvent, writeMessages, writePage } from "./message-columns.ts";
import { type Question, unpackQuestion } from "./questions.ts";
import { ColumnWriter } from "./text-columns.ts";

/** Questions of one worker that are answered at a time; further ones wait in its socket. */
const MAX_ASKED = 64;

/** Bytes that a worker has not taken, above which it is asked nothing more of. */
const STOP_READING_BYTES = 1_048_576;

/** Bytes that a worker has not taken, above which it is told no events, but that it missed some. */
const STOP_TELLING_BYTES = 4_194_304;

/** Bytes that a worker has not taken, above which it is cut off: answers that were under way came to that. */
const MAX_WAITING_BYTES = 134_217_728;

/**
 * One worker, as the owner of the log sees it: takes its appends and questions to the log, and tells it
 * answers and events.
 *
 * What waits here for a slow worker is bounded: at 1 MiB its socket is not read any more, at 4 MiB events
 * are left out and the rooms noted as missed, at 128 MiB it is cut off. It comes back and reads what it
 * missed; the log has everything, and this end keeps nothing for it.
 */
export class HostedLink implements BusMember {
  readonly #socket: Socket;
  readonly #log: RoomLog;
  readonly #bus: HostedBus;
  readonly #own: LinkBuild;
  readonly #about: () => string;
  readonly #sender: FrameSender;
  readonly #reader = new LinkFrameReader();
  readonly #waiting = new RingBuffer<LinkFrame>();
  readonly #tails: HostedTails;
  readonly #changes: HostedChanges;
  #results = new ColumnWriter();
  #resultsAreDue = false;
  #asked = 0;
  /** Texts of the bus that were dropped since the worker was told so last. */
  #missed = 0;
  #stopStatus: (() => void) | null = null;
  readonly #onFault: (sentence: string) => void;
  #isClosed = false;

  /** @param onFault  Told why a worker was cut off; nobody else learns of it. */
  constructor(
    socket: Socket,
    log: RoomLog,
    bus: HostedBus,
    own: LinkBuild,
    about: () => string,
    clock: Clock,
    onClose: () => void,
    onFault: (sentence: string) => void,
  ) {
    this.#onFault = onFault;
    this.#socket = socket;
    this.#log = log;
    this.#bus = bus;
    this.#own = own;
    this.#about = about;
    this.#sender = new FrameSender(socket);
    const mayTell = () => this.#sender.waitingBytes < STOP_TELLING_BYTES;
    this.#tails = new HostedTails(log, clock, mayTell, (number, event) => this.#tell(number, event));
    this.#changes = new HostedChanges(log, mayTell, (change) =>
      this.#sender.send(linkFrame("change", 0, JSON.stringify(change))),
    );
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("drain", () => {
      this.#tails.goOn();
      this.#changes.goOn();
      this.#tellMissed();
      this.#work();
    });
    // A worker that dies or is killed is no news here: whoever started it sees to it.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#close();
      onClose();
    });
  }

  get waitingBytes(): number {
    return this.#sender.waitingBytes;
  }

  missed(): void {
    this.#missed += 1;
  }

  sendBytes(bytes: Buffer): void {
    this.#sender.sendBytes(bytes);
  }

  /** Ends the link once what was answered is taken. */
  end(): void {
    this.#socket.end();
  }

  cut(): void {
    this.#socket.destroy();
  }

  #close(): void {
    this.#isClosed = true;
    this.#stopStatus?.();
    this.#tails.close();
    this.#changes.close();
    this.#bus.leave(this);
    this.#waiting.clear();
  }

  #tellMissed(): void {
    if (this.#missed > 0) this.#sender.send(linkFrame("bus-dropped", this.#missed));
    this.#missed = 0;
  }

  #take(chunk: Buffer): void {
    this.#orCut(() => {
      for (const frame of this.#reader.take(chunk)) this.#waiting.push(frame);
    });
    this.#work();
  }

  /** Handles what came, in order, as long as the worker takes what it is answered. */
  #work(): void {
    while (this.#asked < MAX_ASKED && this.#sender.waitingBytes < STOP_READING_BYTES) {
      const frame = this.#waiting.shift();
      if (frame === undefined) {
        if (this.#socket.isPaused()) this.#socket.resume();
        return;
      }
      this.#orCut(() => this.#handle(frame));
    }
    this.#socket.pause();
  }

  /** What does not keep to the rules of the link is no worker of ours, or not any more. */
  #orCut(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#onFault(
        `A worker of the log was cut off: ${error instanceof Error ? error.message : String(error)}.`,
      );
      this.cut();
    }
  }

  #handle(frame: LinkFrame): void {
    if (this.#stopStatus === null) return this.#greet(frame);
    switch (frame.kind) {
      case "append":
        return this.#append(frame);
      case "ask":
        void this.#answer(frame.tag, unpackQuestion(frame));
        return;
      case "unfollow":
        return this.#tails.unfollow(frame.tag);
      case "bus":
        return this.#bus.relay(frame, this);
      case "bus-unlisten":
        return this.#bus.unlisten(frame.text, this);
      default:
        throw new Error(`a worker sent ${frame.kind}`);
    }
  }

  #greet({ kind, text }: LinkFrame): void {
    if (kind !== "hello") throw new Error(`a worker began with ${kind}`);
    const mismatch = buildMismatch(this.#own, readBuild(text));
    if (mismatch !== null) {
      this.#sender.send(linkFrame("refused", 0, mismatch));
      this.#socket.end();
      return;
    }
    const tellStatus = (kindOfFrame: "welcome" | "status"): void =>
      this.#sender.send(linkFrame(kindOfFrame, 0, JSON.stringify(statusBehindLink(this.#log.status))));
    this.#stopStatus = this.#log.onStatus(() => tellStatus("status"));
    tellStatus("welcome");
  }

  #append({ tag, text, numbers }: LinkFrame): void {
    let id = tag;
    const columns: AppendColumns = { text, numbers, now: 0 };
    for (const append of unpackAppends(columns)) {
      const own = id;
      id += 1;
      this.#log.append(append).then(
        (result) => this.#addResult(own, result),
        (error: unknown) => this.#addResult(own, { kind: "fault", fault: faultOf(error) }),
      );
    }
  }

  #addResult(id: number, outcome: AppendOutcome): void {
    if (this.#isClosed) return;
    writeOutcome(this.#results, id, outcome);
    if (this.#resultsAreDue) return;
    this.#resultsAreDue = true;
    // Runs when all promises of the group have been fulfilled.
    process.nextTick(() => {
      this.#resultsAreDue = false;
      const results = this.#results;
      this.#results = new ColumnWriter();
      this.#send("results", 0, results);
    });
  }

  async #answer(id: number, question: Question): Promise<void> {
    this.#asked += 1;
    const columns = new ColumnWriter();
    let kind: LinkFrameKind;
    try {
      kind = await this.#ask(question, columns);
    } catch (error) {
      kind = "fault";
      writeFault(columns, faultOf(error));
    }
    this.#asked -= 1;
    if (this.#isClosed) return;
    this.#send(kind, id, columns);
    this.#work();
  }

  /** Puts the answer into `to`, and says of which kind it is. */
  async #ask(question: Question, to: ColumnWriter): Promise<LinkFrameKind> {
    const log = this.#log;
    switch (question.kind) {
      case "read":
        writePage(to, await log.read(question.room, question.offset, question.bounds));
        return "page";
      case "read-before":
        writePage(to, await log.readBefore(question.room, question.offset, question.bounds));
        return "page";
      case "related": {
        const { room, offsets, perMessage, bounds } = question;
        writeMessages(to, await log.related(room, offsets, perMessage, bounds));
        return "messages";
      }
      case "follow":
        await this.#tails.follow(question.number, question.room, question.again);
        return "value";
      case "watch":
        await this.#changes.watch();
        return "value";
      case "bus-listen":
        this.#bus.listen(question.channel, this);
        return "value";
      case "fence":
        return "value";
      default:
        to.text = JSON.stringify(await this.#value(question));
        return "value";
    }
  }

  #value(
    question: Exclude<
      Question,
      { kind: "read" | "read-before" | "related" | "follow" | "fence" | "bus-listen" | "watch" }
    >,
  ): Promise<unknown> {
    const log = this.#log;
    switch (question.kind) {
      case "head":
        return log.head(question.room, question.offset);
      case "trim":
        return log.trim(question.room, question.offset);
      case "redact":
        return log.redact(question.room, question.offset, question.own);
      case "delete":
        return log.delete(question.room);
      case "about":
        return Promise.resolve(this.#about());
      case "purge":
        return log.purge?.() ?? Promise.resolve(false);
      case "rooms":
        return log.rooms(question.afterName, question.limit);
    }
  }

  #tell(number: number, event: TailEvent): void {
    const columns = new ColumnWriter();
    writeEvent(columns, event);
    this.#send("event", number, columns);
  }

  #send(kind: LinkFrameKind, tag: number, columns: ColumnWriter): void {
    if (this.#sender.waitingBytes > MAX_WAITING_BYTES) return this.cut();
    this.#sender.send(linkFrame(kind, tag, columns.text, columns.numbers));
  }
}
