import type { IncomingMessage, ServerResponse } from "node:http";
import {
  bodyOf,
  bodyToJson,
  DEFAULT_PAGE_MESSAGES,
  isProducer,
  MAX_NESTING,
  MAX_PAGE_MESSAGES,
  parseJson,
  parseOffset,
} from "@parlor/protocol";
import { readHistoryPage, type HistoryQuery } from "../session/history-page.ts";
import { bearerCredentials, identify } from "../session/identify.ts";
import { identityFromIdempotencyKey, producerFromIdempotencyKey } from "../session/identity.ts";
import { mayRead } from "../session/may-read.ts";
import type { PublishRequest, Speaker } from "../session/publish-gate.ts";
import { publishOnce } from "../session/publish-once.ts";
import { refusalOf } from "../session/refusal-of.ts";
import type { Services } from "../session/services.ts";
import type { Who } from "../session/session-core.ts";
import { readBody } from "./body.ts";
import { answerError, answerErrorUnread, answerJson, answerTexts, type HttpError } from "./http-answer.ts";
import { plainProducer } from "./plain-room.ts";

/** One request about a room's messages, past the door. */
export interface RestRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly room: string;
  readonly query: URLSearchParams;
  readonly address: string;
}

/** `GET /rooms/{room}/messages`: one page of history. Rules: docs/protocol.md, REST-. */
export async function answerHistory(rest: RestRequest, services: Services): Promise<void> {
  const { request, room, query, address } = rest;
  const asked = historyQuery(room, query);
  if (typeof asked === "string") return refuse(rest, services, { code: "bad-frame", message: asked });
  const who = await identify(bearerCredentials(request.headers, address, services), services);
  if ("code" in who) return refuse(rest, services, who);
  const refusal = await mayRead({ identity: who.identity, address }, room, services);
  if (refusal !== null) return refuse(rest, services, refusal);
  await services.pages.take(address, () => answerPage(rest, asked, services));
}

/** Fulfils with how long the answer is. */
async function answerPage(rest: RestRequest, asked: HistoryQuery, services: Services): Promise<number> {
  const { response } = rest;
  // Who left while this waited for its turn is not read for.
  if (response.destroyed) return 0;
  try {
    const page = await readHistoryPage(services.log, asked);
    const related = page.related === null ? "" : `,"related":[${page.related.join(",")}]`;
    const before = `{"epoch":${JSON.stringify(page.epoch)},"earliest":${page.earliest},"head":${page.head},"messages":[`;
    const behind = `]${related},"more":${page.more}}`;
    answerTexts(response, 200, [Buffer.from(before), page.text, Buffer.from(behind)], { vary: "Accept" });
    return before.length + page.text.length + behind.length;
  } catch (error) {
    refuse(rest, services, refusalOf(error, services));
    return 0;
  }
}

const RELATED: ReadonlyMap<string | null, boolean> = new Map([
  [null, false],
  ["", true],
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
]);

function historyQuery(room: string, query: URLSearchParams): HistoryQuery | string {
  const after = query.get("after");
  const before = query.get("before");
  const limitText = query.get("limit");
  if (after !== null && before !== null)
    return "`after` goes forward and `before` back; a page has one of them.";
  const limit = limitText === null ? DEFAULT_PAGE_MESSAGES : parseOffset(limitText);
  if (limit === null || limit < 1 || limit > MAX_PAGE_MESSAGES) {
    return `\`limit\` is a whole number from 1 to ${MAX_PAGE_MESSAGES}.`;
  }
  const related = RELATED.get(query.get("related"));
  if (related === undefined) return "`related` is true or false.";
  const common = { room, limit, related };
  if (after !== null) {
    const offset = parseOffset(after);
    return offset === null ? "`after` is an offset, a whole number from 0." : { ...common, after: offset };
  }
  if (before !== null) {
    const offset = parseOffset(before);
    return offset === null ? "`before` is an offset, a whole number from 0." : { ...common, before: offset };
  }
  return common;
}

/** `POST /rooms/{room}/messages`: one publish, answered 201 when it is durable. Rules: REST-. */
export async function answerPublish(rest: RestRequest, services: Services): Promise<void> {
  const { request, response } = rest;
  if (services.isDraining) {
    const error: HttpError = {
      code: "draining",
      message: "The server is stopping; send it to another, or later.",
    };
    count(rest, services, error, "publish");
    return answerErrorUnread(request, response, error, services.clock);
  }
  const body = await readBody(request, services.limits.maxFrameBytes, {
    address: rest.address,
    places: services.bodies,
  });
  if (body.kind === "aborted") return;
  if (body.kind === "refused") {
    count(rest, services, body.error, "publish");
    return body.isUnread
      ? answerErrorUnread(request, response, body.error, services.clock)
      : answerError(response, body.error);
  }
  const parsed = parseBody(body.text);
  if ("code" in parsed) return refuse(rest, services, parsed, "publish");

  const credentials = bearerCredentials(request.headers, rest.address, services);
  const who = await identify(credentials, services);
  if ("code" in who) return refuse(rest, services, who, "publish");
  // What a proxy in front asks for (`Authorization: Basic`) is no key of ours.
  const isKnown = who.isAuthenticated || credentials.key !== null;
  const named = nameOf(request, who, isKnown, rest.address);
  if ("code" in named) return refuse(rest, services, named, "publish");
  const publishBody = bodyOf(parsed.value);
  const publish: PublishRequest = {
    room: rest.room,
    seq: named.seq,
    afterSeq: named.seq - 1,
    re: undefined,
    body: publishBody,
    bodyJson: bodyToJson(publishBody) as string,
  };
  const outcome = await publishOnce(publish, named.speaker, services);
  if (outcome.kind === "refused") return refuse(rest, services, outcome, "publish");
  answerJson(response, 201, { epoch: outcome.epoch, offset: outcome.offset ?? null });
}

function refuse(
  rest: RestRequest,
  services: Services,
  error: HttpError,
  to: "publish" | "history" = "history",
): void {
  count(rest, services, error, to);
  answerError(rest.response, error);
}

function count({ address }: RestRequest, services: Services, { code }: HttpError, to: string): void {
  services.events.refused(code, { address }, to);
}

function parseBody(text: string): { readonly value: unknown } | HttpError {
  // A body has the same bounds on every road: as deep as it could stand in a frame.
  const parsed = parseJson(text, MAX_NESTING - 1);
  if (!parsed.ok) return { code: "bad-frame", message: `The body is refused: ${parsed.fault}.` };
  return { value: parsed.value };
}

interface NamedPublish {
  readonly speaker: Speaker;
  readonly seq: number;
}

/** Which (identity, producer, seq) a request stands for, by its headers. */
function nameOf(
  request: IncomingMessage,
  who: Who,
  isKnown: boolean,
  address: string,
): NamedPublish | HttpError {
  const idempotencyKey = request.headers["idempotency-key"];
  const producer = request.headers["parlor-producer"];
  const seqText = request.headers["parlor-seq"];
  const common = { identity: who.identity, address, isAuthenticated: who.isAuthenticated };

  if (idempotencyKey !== undefined) {
    if (producer !== undefined || seqText !== undefined) {
      return {
        code: "bad-frame",
        message: "A publish has Idempotency-Key, or Parlor-Producer and Parlor-Seq, not both.",
      };
    }
    if (typeof idempotencyKey !== "string" || idempotencyKey.length < 1 || idempotencyKey.length > 128) {
      return { code: "bad-frame", message: "Idempotency-Key is a string of 1 to 128 characters." };
    }
    const identity = isKnown ? who.identity : identityFromIdempotencyKey(idempotencyKey);
    const speaker = {
      ...common,
      identity,
      producer: producerFromIdempotencyKey(idempotencyKey),
      remember: true,
    };
    return { speaker, seq: 1 };
  }
  if (producer === undefined && seqText === undefined) {
    return { speaker: { ...common, producer: plainProducer(), remember: false }, seq: 1 };
  }
  if (!isProducer(producer)) {
    return { code: "bad-frame", message: "Parlor-Producer is 8 to 32 characters of A-Z, a-z, 0-9, _ and -." };
  }
  const seq = typeof seqText === "string" ? parseOffset(seqText) : null;
  if (seq === null || seq === 0)
    return { code: "bad-frame", message: "Parlor-Seq is a whole number from 1." };
  // Without a key every request is somebody else's, so there is nothing to remember; but rule 3 still holds.
  if (!isKnown && seq > 1) {
    const message =
      "This publish relies on an earlier one, and a request without a key has none; send the key.";
    return { code: "unknown-producer", message };
  }
  return { speaker: { ...common, producer, remember: isKnown }, seq };
}
