import { readJsonObject } from "./json-object.ts";
import { ANSWER_TIMEOUT_MS, type RequestLink } from "./request-link.ts";

/**
 * UTF-16 units in a body. A server takes 1 MiB, but gives the whole of a body 15 s to come: on a slow line a
 * large one would be cut again and again, while of several small ones each is stored.
 */
const MAX_BODY_CHARS = 65_536;

/** As many as a server leaves unanswered where it says nothing else. */
const MAX_PUBLISHES = 256;

/** Signals that wait for the next request; the oldest are dropped. */
const MAX_SIGNALS = 64;

/** A way up that is slower than this, in UTF-16 units a millisecond, counts as none. */
const SLOWEST_CHARS_PER_MS = 4;

/** Frames that get an answer of their own. */
const QUESTIONS: ReadonlySet<string> = new Set(["publish", "history", "request", "set"]);
const ANSWERS: ReadonlySet<string> = new Set(["ack", "refused", "history", "reply"]);

/**
 * The way up of a connection that is made of requests: frames gather while a request is under way, and
 * go out with the next. One at a time, so that what a producer says can't overtake itself.
 *
 * What is not answered whole ends the connection: then nobody knows what the server took, and the client
 * that comes back sends again what was not acked, in order.
 *
 * Bounded by what the client keeps unanswered (its window of publishes, its pages of history), and signals apart.
 */
export class SendLane {
  readonly #link: RequestLink;
  readonly #waiting: string[] = [];
  #isBusy = false;
  readonly #isBeside: boolean;
  #stop: () => void = () => undefined;

  /** @param isBeside Beside the lane of the client's publishes, so it speaks as another producer. */
  constructor(link: RequestLink, isBeside = false) {
    this.#link = link;
    this.#isBeside = isBeside;
    link.whenOver(() => {
      this.#waiting.length = 0;
      this.#stop();
    });
  }

  send(text: string): void {
    if (isSignal(text)) this.#makeRoom();
    this.#waiting.push(text);
    if (this.#isBusy) return;
    this.#isBusy = true;
    // What the client says in one turn goes out in one request.
    queueMicrotask(() => this.#next());
  }

  #makeRoom(): void {
    const signals = this.#waiting.filter(isSignal);
    if (signals.length >= MAX_SIGNALS) this.#waiting.splice(this.#waiting.indexOf(signals[0] ?? ""), 1);
  }

  #next(): void {
    const { isOver } = this.#link;
    this.#isBusy = !isOver && this.#waiting.length > 0;
    if (!this.#isBusy) return;
    let unanswered = 0;
    let patienceMs = ANSWER_TIMEOUT_MS;
    this.#stop = this.#link.request({
      path: "connect/send",
      answer: "application/x-ndjson",
      frames: ([own = ""]) => {
        const hello = this.#isBeside ? asAnother(own) : own;
        const frames = [hello, ...this.#take(MAX_BODY_CHARS - hello.length)];
        unanswered = frames.filter((frame) => QUESTIONS.has(frameType(frame))).length;
        patienceMs += frames.join("").length / SLOWEST_CHARS_PER_MS;
        return frames;
      },
      patienceMs: () => patienceMs,
      onText: (text) => {
        if (isAnswer(text)) unanswered -= 1;
        this.#link.text(text);
      },
      // Who answers here need not be who streams: it proves nothing about the way down.
      onWelcome: () => undefined,
      onLife: () => undefined,
      onEnd: (fault) => {
        if (fault !== null) this.#link.fail(fault.close);
        else if (unanswered > 0) {
          // A server that dies behind a proxy can look like an answer that is whole.
          this.#link.fail({ code: 1006, reason: "what was sent was not answered whole" });
        } else this.#next();
      },
    });
  }

  /** The oldest that fit into one request; one at least. */
  #take(maxChars: number): string[] {
    let count = 0;
    let publishes = 0;
    let chars = 0;
    for (const text of this.#waiting) {
      publishes += frameType(text) === "publish" ? 1 : 0;
      chars += text.length + 1;
      if (count > 0 && (chars > maxChars || publishes > MAX_PUBLISHES)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}

/** The hello of a producer that the client does not publish as: its own name, read backwards. */
function asAnother(hello: string): string {
  const { producer, ...rest } = readJsonObject(hello);
  return JSON.stringify({ ...rest, producer: [...String(producer)].reverse().join("") });
}

/** The type of a frame of this client's own, which stands first in it; empty where it doesn't. */
export function frameType(text: string): string {
  return /^\{"type":"([a-z]+)"/.exec(text)?.[1] ?? "";
}

function isSignal(text: string): boolean {
  return frameType(text) === "signal";
}

function isAnswer(text: string): boolean {
  const { type, to } = readJsonObject(text);
  return type === "error" ? QUESTIONS.has(String(to)) : ANSWERS.has(String(type));
}
