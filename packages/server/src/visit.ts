import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import {
  bodyToJson,
  isOffset,
  MAX_NESTING,
  MAX_PAGE_MESSAGES,
  parseJson,
  roomNameFault,
} from "@parlor/protocol";
import type { ConnectionLimits } from "./connection-limits.ts";
import type { Door } from "./door.ts";
import type { StartRequest } from "./room/start-position.ts";
import type { Refusal } from "./session/hooks.ts";
import { identify, type Credentials } from "./session/identify.ts";
import { identityFromIdempotencyKey, producerFromIdempotencyKey } from "./session/identity.ts";
import { publishOnce } from "./session/publish-once.ts";
import type { Services } from "./session/services.ts";
import { feedForm, type TailForm } from "./tail-form.ts";
import { FORM_BODY, readBody } from "./transport/body.ts";
import { parseForm, type FormFields } from "./transport/form-fields.ts";
import { answerPage } from "./transport/http-answer.ts";
import type { Peer } from "./transport/peer-address.ts";
import type { RoomFeeds } from "./transport/room-feeds.ts";
import { DRAINING } from "./transport/room-feed.ts";

/** Who a visitor says they are; neither is a person whom nobody has seen before. */
export interface VisitorCredentials {
  /** The secret whose hash is the identity, 22 to 64 characters; counts where the host has no `authenticate`. */
  readonly key?: string | undefined;
  /** For the host's `authenticate`. */
  readonly token?: string | undefined;
}

/** Where a tail begins. */
export type TailFrom =
  /** With the newest so many, 0 to 500. */
  | { readonly last: number }
  /**
   * Behind a message, in the history that it belongs to (without `epoch` in whatever there is), but no
   * further back than the newest `atMost` (0 to 500) where that is given.
   */
  | { readonly after: number; readonly epoch?: string | undefined; readonly atMost?: number | undefined };

export interface VisitorPublish {
  readonly room: string;
  /** Anything that JSON can say. */
  readonly body: unknown;
  /** Stands for this one publish: the same visitor, room and string are stored once, for 7 days. */
  readonly once: string;
}

/** A publish that is durable. */
export interface Published {
  readonly epoch: string;
  /** Undefined where it was stored before and its place is no longer known. */
  readonly offset: number | undefined;
  readonly isDuplicate: boolean;
}

export type FormResult =
  | { readonly kind: "form"; readonly fields: FormFields }
  | { readonly kind: "refused"; readonly refusal: Refusal & { readonly status?: number | undefined } }
  /** The visitor went away: there is nobody to answer. */
  | { readonly kind: "gone" };

export interface VisitParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly door: Door;
  readonly limits: ConnectionLimits;
  readonly services: Services;
  readonly feeds: RoomFeeds;
}

/** Bytes that a form's field takes for one of its text: each may be percent-encoded. */
const ENCODED_BYTES = 3;

/** Bytes of a form beside the message in it. */
const FORM_OVERHEAD_BYTES = 8_192;

/**
 * One request for a page of the host's own that reads or writes rooms in a form of its own. What it does goes
 * the way that every stranger's request goes: origin, rights, rates, limits. Given by `Parlor.visit`.
 */
export class Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #peer: Peer;
  readonly #parts: VisitParts;

  constructor(parts: VisitParts) {
    this.request = parts.request;
    this.response = parts.response;
    this.#parts = parts;
    this.#peer = parts.door.peerOf(parts.request);
  }

  /** Whence the visitor comes, behind trusted proxies as they say. */
  get address(): string {
    return this.#peer.address;
  }

  /** Why a page of this server must not ask this here, as a sentence; null where it may. */
  get pageFault(): string | null {
    return this.#parts.door.pageFault(this.request, this.#peer);
  }

  /** How the visitor's browser is connected, behind trusted proxies as they say. */
  get scheme(): "http" | "https" {
    return this.#peer.scheme;
  }

  /**
   * Reads the form (`application/x-www-form-urlencoded`) that was posted, up to three times `maxBodyBytes` and
   * 8 KiB. Before a byte of it is read the page that sent it is looked at: it must say by `Origin`, or by
   * `Sec-Fetch-Site: same-origin`, that it is this server's own, or a listed one. Never rejects.
   */
  async readForm(): Promise<FormResult> {
    const { request, door, services } = this.#parts;
    const fault = door.formFault(request, this.#peer);
    if (fault !== null) return this.#refuseForm({ code: "origin-not-allowed", message: fault });
    const maxBytes = ENCODED_BYTES * services.limits.maxBodyBytes + FORM_OVERHEAD_BYTES;
    const body = await readBody(
      request,
      maxBytes,
      { address: this.#peer.address, places: services.bodies },
      FORM_BODY,
    );
    if (body.kind === "aborted") return { kind: "gone" };
    if (body.kind === "refused") return this.#refuseForm(body.error);
    const fields = parseForm(body.text);
    if (typeof fields === "string") return this.#refuseForm({ code: "bad-frame", message: fields });
    return { kind: "form", fields };
  }

  /**
   * Publishes for the visitor; fulfils when it is durable, or with why it is not stored. Without a key the
   * identity is derived from `once`, as with `Idempotency-Key`. Never rejects.
   */
  async publish(
    { room, body, once }: VisitorPublish,
    credentials: VisitorCredentials,
  ): Promise<Published | Refusal> {
    const { services } = this.#parts;
    const refuse = (refusal: Refusal): Refusal => {
      services.events.refused(refusal.code, { address: this.#peer.address }, "publish");
      return refusal;
    };
    const fault = roomNameFault(room);
    if (fault !== null) return refuse({ code: "bad-room", message: `Not a room: ${fault}.` });
    if (services.isDraining) return refuse(DRAINING);
    const bodyJson = bodyToJson(body);
    if (bodyJson === undefined || !parseJson(bodyJson, MAX_NESTING - 1).ok) {
      return refuse({ code: "bad-frame", message: "That can't be a message's body." });
    }
    const who = await identify(this.#credentials(credentials), services);
    if ("code" in who) return refuse(who);
    const isKnown = who.isAuthenticated || credentials.key !== undefined;
    const speaker = {
      identity: isKnown ? who.identity : identityFromIdempotencyKey(once),
      producer: producerFromIdempotencyKey(once),
      address: this.#peer.address,
      isAuthenticated: who.isAuthenticated,
      remember: true,
    };
    const publish = { room, seq: 1, afterSeq: 0, re: undefined, body, bodyJson };
    const outcome = await publishOnce(publish, speaker, services);
    if (outcome.kind === "refused") return refuse(outcome);
    const { epoch, offset, isDuplicate } = outcome;
    return { epoch, offset, isDuplicate };
  }

  /**
   * Answers with a room's tail, in the host's form: what lies behind `from`, then each message once it is
   * durable, for as long as the visitor stays. It counts as a connection; who reads slowly reads from the
   * log; a drain ends it with the form's own words. Fulfils with null once it has begun, or with why it may
   * not begin, and then nothing has been written: `answer` it. Never rejects.
   */
  async follow(
    room: string,
    from: TailFrom,
    form: TailForm,
    credentials: VisitorCredentials,
  ): Promise<(Refusal & { readonly status?: number | undefined }) | null> {
    const { request, response, door, feeds, limits, services } = this.#parts;
    const refusal = await (async () => {
      const pageFault = door.pageFault(request, this.#peer);
      if (pageFault !== null) return { code: "origin-not-allowed", message: pageFault } as const;
      const fault = roomNameFault(room);
      if (fault !== null) return { code: "bad-room", message: `Not a room: ${fault}.` } as const;
      const start = startOf(from);
      if (start === null) return { code: "bad-frame", message: "That is no place in a room." } as const;
      const asked = { request, response, room, start, form: feedForm(form) };
      return feeds.open({ ...asked, credentials: this.#credentials(credentials) }, limits);
    })();
    if (refusal !== null) services.events.refused(refusal.code, { address: this.#peer.address }, "feed");
    return refusal;
  }

  /** Answers a whole page, also where a body that was not read is still on its way. */
  answer(status: number, headers: OutgoingHttpHeaders, body: string): void {
    const { request, response, services } = this.#parts;
    answerPage(request, response, { status, headers, body }, services.clock);
  }

  #credentials({ key, token }: VisitorCredentials): Credentials {
    const { headers } = this.request;
    return { key: key ?? null, token: token ?? null, headers, address: this.#peer.address };
  }

  #refuseForm(refusal: Refusal & { readonly status?: number | undefined }): FormResult {
    this.#parts.services.events.refused(refusal.code, { address: this.#peer.address }, "form");
    return { kind: "refused", refusal };
  }
}

function startOf(from: TailFrom): StartRequest | null {
  if ("last" in from) return isCount(from.last) ? { kind: "join", last: from.last } : null;
  const { after, epoch, atMost } = from;
  if (!isOffset(after) || !(atMost === undefined || isCount(atMost))) return null;
  return { kind: "resume", epoch, after, atMost };
}

function isCount(count: number): boolean {
  return isOffset(count) && count <= MAX_PAGE_MESSAGES;
}
