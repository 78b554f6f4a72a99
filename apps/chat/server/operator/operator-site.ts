import type { IncomingMessage, ServerResponse } from "node:http";
import { CodedError } from "@parlor/base";
import type { ErrorCode } from "@parlor/protocol";
import { bearerToken, type OperatorVerdict, type Parlor, type Visit } from "@parlor/server";
import { OperatorRefusal } from "./operator-refusal.ts";
import { readCommand } from "./read-command.ts";

/** A question or command of the operator's page. */
export interface OperatorCall {
  readonly visit: Visit;
  /** Of the address for what is read, of the body for what is done. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** Answers with what is sent as JSON, or with null where it has answered by itself. */
export type OperatorAnswer = (call: OperatorCall) => Promise<object | null>;

/** By name: what is read with GET, and what is done with POST. */
export interface OperatorCalls {
  readonly GET: Readonly<Record<string, OperatorAnswer>>;
  readonly POST: Readonly<Record<string, OperatorAnswer>>;
  /** What `GET download` gives to a pass, which the key was shown for; null where it is none, or over. */
  readonly passed: (pass: string) => OperatorAnswer | null;
}

const HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
} as const;

const OFF =
  "This server has no operator. Start it with `--operator-key KEY`, or with PARLOR_OPERATOR_KEY set.";
const DENIED: Readonly<Record<Exclude<OperatorVerdict, "operator">, OperatorRefusal>> = {
  off: new OperatorRefusal(403, "forbidden", OFF),
  "no-key": new OperatorRefusal(401, "unauthenticated", "The operator's key is missing."),
  "wrong-key": new OperatorRefusal(401, "unauthenticated", "That is not this server's operator key."),
  "too-many-guesses": new OperatorRefusal(
    429,
    "rate-limited",
    "Too many wrong keys came from your address. No key is looked at for some seconds, the right one neither.",
  ),
};

/**
 * The addresses below `operator/api/`, behind the page at `/operator`: each needs the key as a bearer token, whatever
 * it is and whether it exists. The key is in no address and no cookie, so no other page can ask in the operator's name.
 * A download alone begins with a link, by a pass for that one thing.
 */
export class OperatorSite {
  readonly #parlor: Parlor;
  readonly #base: string;
  readonly #calls: OperatorCalls;

  /** @param basePath begins and ends with a slash */
  constructor(parlor: Parlor, basePath: string, calls: OperatorCalls) {
    this.#parlor = parlor;
    this.#base = `${basePath}operator/api/`;
    this.#calls = calls;
  }

  /** Answers a request; false where its address is none of these. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? "";
    if (!url.startsWith(this.#base)) return false;
    this.#parlor.visit(request, response, (visit) => this.#answer(visit, url.slice(this.#base.length)));
    return true;
  }

  async #answer(visit: Visit, rest: string): Promise<void> {
    try {
      const fault = visit.pageFault;
      if (fault !== null) throw new OperatorRefusal(403, "origin-not-allowed", fault);
      const passed = this.#passed(visit, rest);
      const verdict =
        passed === null
          ? this.#parlor.operator.check(bearerToken(visit.request), visit.address)
          : ("operator" as const);
      if (verdict !== "operator") throw DENIED[verdict];
      const answer = await (passed?.({ visit, params: {} }) ?? this.#call(visit, rest));
      if (answer !== null) answerWith(visit, 200, {}, answer);
    } catch (error) {
      this.#refuse(visit, refusalOf(error));
    }
  }

  #passed({ request }: Visit, rest: string): OperatorAnswer | null {
    const [name, query] = rest.split("?", 2);
    if (request.method !== "GET" || name !== "download" || query === undefined) return null;
    return this.#calls.passed(new URLSearchParams(query).get("pass") ?? "");
  }

  #call(visit: Visit, rest: string): Promise<object | null> {
    const mark = rest.indexOf("?");
    const name = mark === -1 ? rest : rest.slice(0, mark);
    const { method = "" } = visit.request;
    const found = method === "GET" || method === "POST" ? calledIn(this.#calls[method], name) : undefined;
    if (found === undefined) {
      const other = (["GET", "POST"] as const).find(
        (each) => calledIn(this.#calls[each], name) !== undefined,
      );
      if (other !== undefined)
        throw new OperatorRefusal(405, "unknown-frame", `That address takes ${other}.`);
      throw new OperatorRefusal(404, "unknown-frame", "The operator's page has no such address.");
    }
    if (method === "GET") {
      const query = new URLSearchParams(mark === -1 ? "" : rest.slice(mark + 1));
      return found({ visit, params: Object.fromEntries(query) });
    }
    return readCommand(visit.request).then((params) => found({ visit, params }));
  }

  #refuse(visit: Visit, { status, code, message }: OperatorRefusal): void {
    const headers: Record<string, string> = {};
    if (status === 401) headers["www-authenticate"] = "Bearer";
    if (status === 429) {
      const waitMs = this.#parlor.operator.waitMs(visit.address);
      headers["retry-after"] = String(Math.max(1, Math.ceil(waitMs / 1_000)));
    }
    answerWith(visit, status, headers, { error: { code, message } });
  }
}

/** Own names only: `constructor` is no call. */
function calledIn(calls: Readonly<Record<string, OperatorAnswer>>, name: string): OperatorAnswer | undefined {
  return Object.hasOwn(calls, name) ? calls[name] : undefined;
}

function answerWith(
  visit: Visit,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: object,
): void {
  visit.answer(status, { ...HEADERS, ...headers }, JSON.stringify(body));
}

/** What the log or the room says is told in its words; anything else is a fault of ours, for the logger. */
function refusalOf(error: unknown): OperatorRefusal {
  if (error instanceof OperatorRefusal) return error;
  if (!(error instanceof CodedError)) throw error;
  const { code, message } = error;
  const status =
    code === "unavailable" ? 503 : code === "forbidden" ? 403 : code === "rate-limited" ? 429 : 400;
  return new OperatorRefusal(status, code as ErrorCode, message);
}
