import { bodyToJson, MAX_NESTING, parseJson, type ReplyFrame, type RequestFrame } from "@parlor/protocol";
import { hookFaultText } from "./hook-fault.ts";
import type { Refusal } from "./hooks.ts";
import { fit, judge } from "./judge.ts";
import type { RequestHandler } from "./request-handlers.ts";
import type { Services } from "./services.ts";

/** What of a handler's refusal reaches the peer: a code in the table's form, and so much of its sentence. */
const CODE = /^[a-z][a-z0-9-]{0,63}$/;
const MAX_MESSAGE_CHARACTERS = 500;

/** What a reply's `error` says. */
type ReplyError = NonNullable<ReplyFrame["error"]>;

/**
 * The requests of one connection, of any transport: asks the hook, runs the handler within its deadline, and
 * makes the reply of whatever comes of it. Never rejects.
 */
export class RequestLane {
  readonly #identity: string;
  readonly #address: string;
  readonly #services: Services;
  /** One for each that is under way. */
  readonly #aborts = new Set<AbortController>();

  constructor(identity: string, address: string, services: Services) {
    this.#identity = identity;
    this.#address = address;
    this.#services = services;
  }

  /** The `reply`; a text where it is an answer. */
  async run(frame: RequestFrame): Promise<ReplyFrame | string> {
    const { id } = frame;
    const result = await this.#result(frame);
    if (typeof result !== "string") return { type: "reply", id, error: result };
    return `{"type":"reply","id":${id},"result":${result}}`;
  }

  /** The connection is gone: nobody waits for what is still worked on. */
  closed(): void {
    for (const abort of this.#aborts) abort.abort(new Error("The connection is gone."));
  }

  /** The result as JSON, or why there is none. */
  async #result({ method, params }: RequestFrame): Promise<string | ReplyError> {
    const { requests, isDraining, limits } = this.#services;
    if (isDraining) return DRAINING;
    const handler = requests.handler(method);
    if (handler === undefined) return UNKNOWN_METHOD;
    const { maxBodyBytes } = limits;
    if (params !== undefined && Buffer.byteLength(bodyToJson(params) as string) > maxBodyBytes) {
      return { code: "too-large", message: `The parameters are over ${maxBodyBytes} bytes of JSON.` };
    }
    const full = requests.take(this.#address);
    if (full !== null) return full;
    const abort = new AbortController();
    this.#aborts.add(abort);
    const work = this.#work(handler, { method, params, signal: abort.signal });
    const late = Promise.withResolvers<ReplyError>();
    const timer = this.#services.clock.after(requests.timeoutMs, () => {
      late.resolve(DEADLINE);
      abort.abort(new Error("The deadline is over."));
    });
    // Whatever works on after its deadline keeps its place until it ends.
    void work.finally(() => requests.release(this.#address));
    const result = await Promise.race([work, late.promise]);
    this.#services.clock.cancel(timer);
    this.#aborts.delete(abort);
    return result;
  }

  async #work(handler: RequestHandler, asked: Asked): Promise<string | ReplyError> {
    const { method, params, signal } = asked;
    const identity = this.#identity;
    const address = this.#address;
    const question = { identity, action: "request", room: method, address } as const;
    const judged = await judge(question, { body: params, bodyJson: "" }, this.#services);
    if ("code" in judged) return judged;
    // While the hook thought, who asked may have gone.
    if (signal.aborted) return DEADLINE;
    try {
      const result = await handler({ params: judged.body, identity, address, signal });
      return await this.#json(method, result);
    } catch (fault) {
      if (isStopped(fault, signal)) return DEADLINE;
      return readRefusal(fault) ?? this.#fault(`threw ${hookFaultText(fault)}`);
    }
  }

  async #json(method: string, answer: unknown): Promise<string | ReplyError> {
    let result = answer;
    const declared = this.#services.schemas?.findResult(method) ?? null;
    if (declared !== null) {
      const fitted = await fit(declared, answer, this.#services);
      // The host's own fault. The sentence may hold something of the answer, which is for nobody to read.
      if ("code" in fitted) return this.#fault("answered what its contract refuses");
      result = fitted.value;
    }
    const json = bodyToJson(result ?? null);
    if (json === undefined) return this.#fault("answered what JSON can't say");
    const { maxBodyBytes } = this.#services.limits;
    if (Buffer.byteLength(json) > maxBodyBytes)
      return this.#fault(`answered more than ${maxBodyBytes} bytes`);
    // Read back, since no peer could take what is nested deeper than a frame may be.
    const parsed = parseJson(json, MAX_NESTING - 1);
    return parsed.ok ? json : this.#fault(`answered what has ${parsed.fault}`);
  }

  #fault(what: string): ReplyError {
    const { counters, logger } = this.#services;
    counters.internalFaults += 1;
    logger.error(`A handler of requests ${what}.`);
    return { code: "internal", message: "The handler of this request failed; the server's log says how." };
  }
}

interface Asked {
  readonly method: string;
  readonly params: unknown;
  readonly signal: AbortSignal;
}

/** Whether a handler ended because its signal told it to; nobody waits for its answer then. */
function isStopped(fault: unknown, { aborted, reason }: AbortSignal): boolean {
  try {
    return aborted && (fault === reason || (fault instanceof Error && fault.name === "AbortError"));
  } catch {
    return false;
  }
}

/** What a handler threw to refuse; null where it is a fault. */
function readRefusal(fault: unknown): ReplyError | null {
  try {
    if (!(fault instanceof Error) || !("code" in fault)) return null;
    const { code, message } = fault;
    if (typeof code !== "string" || !CODE.test(code)) return null;
    const retryAfterMs: unknown = "retryAfterMs" in fault ? fault.retryAfterMs : undefined;
    return {
      code,
      message: String(message).slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed(),
      ...(typeof retryAfterMs === "number" && retryAfterMs >= 0 && Number.isFinite(retryAfterMs)
        ? { retryAfterMs: Math.ceil(retryAfterMs) }
        : {}),
    };
  } catch {
    // An error may throw even when it is only looked at.
    return null;
  }
}

const DRAINING: Refusal = {
  code: "draining",
  message: "The server is stopping and takes nothing new; ask again after coming back.",
  retryAfterMs: 1_000,
};
const UNKNOWN_METHOD: Refusal = {
  code: "unknown-method",
  message: "No handler is registered under that name.",
};
const DEADLINE: Refusal = {
  code: "deadline",
  message: "The handler did not answer in time; it may have acted.",
};
