import { ANSWER_TIMEOUT_MS, MAX_BODY_CHARS, MAX_PUBLISHES, SLOWEST_CHARS_PER_MS } from "./bounds.ts";
import { readJsonObject } from "./json-object.ts";
import type { RequestLink } from "./request-link.ts";

/** Frames that get an answer of their own. */
const QUESTION = /^(?:publish|history|request|set)$/;
const ANSWER = /^(?:ack|refused|history|reply)$/;

/** @param makeRoom Takes from what waits, where there is too much. */
export type Lane = (text: string, type: string, makeRoom?: (waiting: string[]) => void) => void;

/**
 * The way up of a connection that is made of requests: frames gather while a request is under way, and
 * go out with the next. One at a time, so that what a producer says can't overtake itself.
 *
 * What is not answered whole ends the connection: then nobody knows what the server took, and the client
 * that comes back sends again what was not acked, in order.
 *
 * Bounded by what the client keeps unanswered (its window of publishes, its pages of history).
 *
 * @param helloOf The hello of its requests, of the client's own.
 * @returns What sends a frame.
 */
export function sendLane(link: RequestLink, helloOf = (own: string): string => own): Lane {
  const waiting: string[] = [];
  let isBusy = false;
  const next = (): void => {
    isBusy = !link.over.aborted && waiting.length > 0;
    if (!isBusy) return;
    let unanswered = 0;
    let waitMs = ANSWER_TIMEOUT_MS;
    link.request({
      path: "connect/send",
      frames([own = ""]) {
        const hello = helloOf(own);
        const frames = [hello, ...takeFrom(waiting, MAX_BODY_CHARS - hello.length)];
        unanswered = frames.filter((frame) => QUESTION.test(frameType(frame))).length;
        waitMs += frames.join("").length / SLOWEST_CHARS_PER_MS;
        return frames;
      },
      patienceMs: () => waitMs,
      onText(text) {
        if (isAnswer(text)) unanswered -= 1;
        link.listener.onText(text);
      },
      onEnd(fault) {
        if (fault !== null) link.fail(fault.close);
        // A server that dies behind a proxy can look like an answer that is whole.
        else if (unanswered > 0) link.fail({ code: 1006, reason: "what was sent was not answered whole" });
        else next();
      },
    });
  };
  return (text, _type, makeRoom) => {
    makeRoom?.(waiting);
    waiting.push(text);
    // What the client says in one turn goes out in one request.
    if (!isBusy) queueMicrotask(next);
    isBusy = true;
  };
}

/** Takes the oldest that fit into one request; one at least. */
function takeFrom(waiting: string[], maxChars: number): string[] {
  let publishes = 0;
  let chars = 0;
  const end = waiting.findIndex((text, index) => {
    if (frameType(text) === "publish") publishes += 1;
    chars += text.length + 1;
    return index > 0 && (chars > maxChars || publishes > MAX_PUBLISHES);
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

/** The type of a frame of this client's own, which stands first in it; empty where it doesn't. */
export function frameType(text: string): string {
  return /^\{"type":"([a-z]+)"/.exec(text)?.[1] ?? "";
}

function isAnswer(text: string): boolean {
  const { type, to } = readJsonObject(text);
  return type === "error" ? QUESTION.test(String(to)) : ANSWER.test(String(type));
}
