import type { Clock } from "@parlor/base";
import { EventReader } from "./event-reader.ts";
import { readRefusal } from "./http-refusal.ts";
import { LineReader } from "./line-reader.ts";
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
  /** `stream` answers events, the others lines. */
  readonly answer: "text/event-stream" | "application/x-ndjson";
  /** Silence after which it has failed, ms; asked anew at each wait. */
  readonly patienceMs: () => number;
  /** Longest frame, in UTF-16 units; asked anew at each piece. */
  readonly maxFrameChars: () => number;
}

export interface ExchangeListener {
  /** One frame of the answer. */
  onText(text: string): void;
  /** Bytes came, and no frame ended in them. */
  onLife(): void;
  /** Once: null behind a whole answer, else why there is none. */
  onEnd(fault: ExchangeFault | null): void;
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
  request: ExchangeRequest,
  listener: ExchangeListener,
): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  let heardAtMs = clock.monotonic();
  const stop = (): void => {
    clock.cancel(timer);
    controller.abort();
  };
  const end = (fault: ExchangeFault | null): void => {
    if (signal.aborted) return;
    stop();
    listener.onEnd(fault);
  };
  const watch = (): void => {
    const leftMs = heardAtMs + request.patienceMs() - clock.monotonic();
    if (leftMs > 0) timer = clock.after(leftMs, watch);
    else end(broken("nothing was heard in time"));
  };
  let timer = clock.after(request.patienceMs(), watch);

  const run = async (): Promise<ExchangeFault | null> => {
    const { frames, answer } = request;
    const response = await fetch(base + request.path, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", accept: answer },
      body: `${frames.join("\n")}\n`,
      cache: "no-store",
      credentials: "same-origin",
      signal,
    });
    heardAtMs = clock.monotonic();
    if (!response.ok) return { close: await readRefusal(response), status: response.status };
    const type = response.headers.get("content-type") ?? "nothing";
    // A portal that wants to be paid or clicked first answers everything, and with success.
    if (!type.startsWith(answer)) {
      const { status } = response;
      return { close: { code: 1002, reason: `HTTP ${status} with ${type}` }, status };
    }
    const readFrames = frameReader(request);
    const hand = (bytes: Uint8Array): void => {
      heardAtMs = clock.monotonic();
      let isLife = true;
      for (const text of readFrames(bytes)) {
        // A listener may stop it between any two frames.
        if (signal.aborted) return;
        isLife = false;
        listener.onText(text);
      }
      if (isLife && !signal.aborted) listener.onLife();
    };
    const reader = response.body?.getReader();
    if (reader === undefined) {
      // Nothing can be heard here before the end, which a stream does not have.
      if (answer === "text/event-stream") return broken("this platform reads no answer as it comes");
      hand(new TextEncoder().encode(await response.text()));
      return null;
    }
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) return null;
      if (!signal.aborted) hand(value);
    }
    return null;
  };
  // Whatever a platform throws here, it means that there is no answer.
  run().then(end, (error: unknown) => end(broken(wordsOf(error))));
  return stop;
}

/** Bytes of an answer in, frames out. */
function frameReader({ answer, maxFrameChars }: ExchangeRequest): (bytes: Uint8Array) => Iterable<string> {
  // Before a line is told to be too long, it may hold a field's name.
  const lines = new LineReader(() => maxFrameChars() + 16);
  const events = answer === "text/event-stream" ? new EventReader(maxFrameChars) : null;
  return function* (bytes) {
    for (const line of lines.take(bytes)) {
      const text = events === null ? line : events.take(line);
      // An empty line of NDJSON says nothing, and keeps the way open.
      if (text !== null && text !== "") yield text;
    }
  };
}

function broken(reason: string): ExchangeFault {
  return { close: { code: 1006, reason }, status: 0 };
}

/** Node hides what happened in the cause; a browser tells nothing but that something did. */
function wordsOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly message?: string; readonly code?: string } };
  return cause?.message || cause?.code || (error instanceof Error ? error.message : String(error));
}
