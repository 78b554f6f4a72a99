import { HELD_EVENT_MS } from "./bounds.ts";
import type { Clock, TimerHandle } from "@parlor/base";
import { bytesOf } from "./bytes-of.ts";
import { eventReader } from "./event-reader.ts";
import { readRefusal } from "./http-refusal.ts";
import { objectOf } from "./json-object.ts";
import { lineReader } from "./line-reader.ts";
import type { TransportClose } from "./transport.ts";

/** What is used of the platform's `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What requests are made with. */
export interface HttpPlatform {
  /** The server's base address, ending with `/`. */
  readonly base: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

export interface ExchangeRequest {
  /** Below the base address. */
  readonly path: string;
  /** The body: frames, one a line. */
  readonly frames: readonly string[];
  /** Its answer is events, of which each is a frame. @default a frame is a line */
  readonly isStream?: boolean | undefined;
  /** Silence after which it has failed, ms; asked anew at each wait. */
  readonly patienceMs: () => number;
  /** Longest frame, in UTF-16 units; asked anew at each piece. */
  readonly maxFrameChars: () => number;
  /** Stops it, too. */
  readonly over?: AbortSignal | undefined;
}

export interface ExchangeListener {
  /** One frame of the answer. */
  readonly onText: (text: string) => void;
  /** Bytes came, and no frame ended in them. */
  readonly onLife: () => void;
  /** Once: null behind a whole answer, else why there is none. */
  readonly onEnd: (fault: ExchangeFault | null) => void;
}

export interface ExchangeFault {
  readonly close: TransportClose;
  /** The HTTP status of an answer that is none of ours; 0 where there is no answer, or it broke off. */
  readonly status: number;
}

/**
 * One request with frames, and its answer as it comes.
 *
 * Nothing is told before this has returned. What it returns stops it: nothing is told from then on, and
 * no timer and no socket is left.
 */
export function exchange(
  { base, fetch, clock }: HttpPlatform,
  { path, frames, isStream, patienceMs, maxFrameChars, over }: ExchangeRequest,
  { onText, onLife, onEnd }: ExchangeListener,
): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  let heardAtMs = 0;
  /** What came last does not end an event: its rest is on the way, or something waits there for a block to be full. */
  let isCut = false;
  let timer: TimerHandle;
  const heard = (): void => {
    heardAtMs = clock.monotonic();
  };
  const stop = (): void => {
    clock.cancel(timer);
    controller.abort();
  };
  const end = (fault: ExchangeFault | null): void => {
    if (signal.aborted) return;
    stop();
    onEnd(fault);
  };
  const watch = (): void => {
    const forMs = isCut ? Math.min(HELD_EVENT_MS, patienceMs()) : patienceMs();
    const leftMs = heardAtMs + forMs - clock.monotonic();
    if (leftMs > 0) timer = clock.after(leftMs, watch);
    else if (isCut)
      end({ close: { code: 1006, reason: "the rest of an event did not come", isHeld: true }, status: 0 });
    else end(broken("nothing was heard in time"));
  };
  heard();
  watch();
  over?.addEventListener("abort", stop, { signal });

  const run = async (): Promise<ExchangeFault | null> => {
    const accept = isStream ? "text/event-stream" : "application/x-ndjson";
    const response = await fetch(base + path, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", accept },
      body: `${frames.join("\n")}\n`,
      cache: "no-store",
      credentials: "same-origin",
      signal,
    });
    heard();
    const { status, body, headers } = response;
    if (!response.ok) return { close: await readRefusal(response), status };
    const type = headers.get("content-type") ?? "nothing";
    // A portal that wants to be paid or clicked first answers everything, and with success.
    if (!type.startsWith(accept))
      return { close: { code: 1002, reason: `HTTP ${status} with ${type}` }, status };
    // Nothing can be heard here before the end, which a stream does not have.
    if (isStream && !body) return broken("this platform reads no answer as it comes");
    // Before a line is told to be too long, it may hold a field's name.
    const readLines = lineReader(() => maxFrameChars() + 16);
    const readEvent = isStream ? eventReader(maxFrameChars) : (line: string) => line;
    for await (const bytes of bytesOf(response)) {
      if (signal.aborted) break;
      heard();
      let isLife = true;
      for (const line of readLines(bytes)) {
        const text = readEvent(line);
        // An empty line of NDJSON says nothing, and keeps the way open.
        if (!text) continue;
        isLife = false;
        onText(text);
        // A listener may stop it between any two frames.
        if (signal.aborted) break;
      }
      if (isLife) onLife();
      isCut = isStream === true && bytes.at(-1) !== LINE_FEED;
      if (!isCut || signal.aborted) continue;
      clock.cancel(timer);
      watch();
    }
    return null;
  };
  // Whatever a platform throws here, it means that there is no answer.
  run().then(end, (error: unknown) => end(broken(wordsOf(error))));
  return stop;
}

/** The last byte of each event. */
const LINE_FEED = 10;

function broken(reason: string): ExchangeFault {
  return { close: { code: 1006, reason }, status: 0 };
}

/** Node hides what happened in the cause; a browser tells nothing but that something did. */
function wordsOf(error: unknown): string {
  const { cause, message } = objectOf(error) as Partial<Error>;
  const { message: inner, code } = objectOf(cause);
  return String(inner || code || message || error);
}
