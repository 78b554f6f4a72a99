import type { Contract, HandledParamsOf, HandledResultOf, MethodOf } from "@parlor/contract";

/** What a handler is asked. */
export interface RequestQuestion<Params = unknown> {
  /**
   * What the page gave; undefined where it gave nothing. As the contract's schema made it, where there is one;
   * else anything that JSON can say: look before you use it.
   */
  readonly params: Params;
  /** Who asks. */
  readonly identity: string;
  /** From where, behind trusted proxies the address that they name. */
  readonly address: string;
  /** Aborts when nobody waits for the answer any more: its deadline is over, or the asker's connection. */
  readonly signal: AbortSignal;
}

/**
 * Answers one kind of request of the pages. What it returns is the answer: anything that JSON can say, up to
 * `maxBodyBytes`; nothing is `null`.
 *
 * To refuse, throw a `CodedError` (or any error with a `code` of 1 to 64 lower-case letters, digits and
 * hyphens): its code, sentence and `retryAfterMs` reach the page. Anything else that is thrown is told as
 * `internal`, without its words; the logger is told its kind and place.
 *
 * A page that lost its connection does not know what became of its request, and may ask again: let the
 * parameters name what is to be done once.
 */
export type RequestHandler = (question: RequestQuestion) => unknown;

/** Handlers by the name of their method, 1 to 128 characters. */
export type RequestHandlers = Readonly<Record<string, RequestHandler>>;

/** The handlers of a contract: one for each of its methods, where it declares any. */
export type RequestHandlersOf<C extends Contract> = [MethodOf<C>] extends [never]
  ? RequestHandlers
  : {
      readonly [Method in MethodOf<C>]: (
        question: RequestQuestion<HandledParamsOf<C, Method>>,
      ) => HandledResultOf<C, Method> | Promise<HandledResultOf<C, Method>>;
    };
