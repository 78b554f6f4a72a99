import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { ResolvedOptions } from "./options.ts";
import { parseTarget, type Target } from "./transport/address.ts";
import type { HttpError } from "./transport/http-answer.ts";
import { foreignSiteFault, formOriginFault, originFault, type OriginQuestion } from "./transport/origin.ts";
import { PeerFinder, type Peer } from "./transport/peer-address.ts";
import { headFault } from "./transport/request-head.ts";

/** A request that is ours and may come in. */
export interface Guest {
  readonly target: Target;
  readonly peer: Peer;
  /** The page's origin, where a browser named one. */
  readonly origin: string | undefined;
}

export type Knock =
  /** Not an address of ours: the host's own handlers have it. */
  | { readonly kind: "not-ours" }
  | {
      readonly kind: "refused";
      readonly error: HttpError;
      readonly peer: Peer;
      /** Whether nothing behind it on its connection may be taken: somebody else may have cut it elsewhere. */
      readonly isLast?: true;
    }
  | { readonly kind: "guest"; readonly guest: Guest };

/**
 * The door: what is asked of every request and every upgrade alike, before anything else is done.
 * Both come through here, so that none of them can have a check that the other lacks.
 */
export class Door {
  readonly #options: ResolvedOptions;
  readonly #peers: PeerFinder;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#peers = new PeerFinder(options.trustProxy);
  }

  knock(request: IncomingMessage): Knock {
    const target = parseTarget(request.url ?? "", this.#options.basePath);
    if (target === null) return { kind: "not-ours" };
    const peer = this.peerOf(request);
    const refuse = (error: HttpError): Knock => ({ kind: "refused", error, peer });
    const brokenHead = headFault(request);
    if (brokenHead !== null) return { kind: "refused", error: brokenHead, peer, isLast: true };
    const question = this.#question(request, peer);
    const { origins } = question;
    const fault =
      originFault({ ...question, isRequired: this.#options.requireOrigin }) ??
      (isReading(request) ? null : foreignSiteFault(origins, siteOf(request)));
    if (fault !== null) return refuse({ code: "origin-not-allowed", message: fault });
    const { address } = target;
    if (address.kind === "bad-room") {
      return refuse({ code: "bad-room", message: `The room in the address is refused: ${address.fault}.` });
    }
    if (address.kind === "bad-target") {
      return refuse({ code: "bad-frame", message: `The address is refused: ${address.fault}.` });
    }
    return { kind: "guest", guest: { target, peer, origin: origins[0] } };
  }

  /** Who is at the other end. */
  peerOf(request: IncomingMessage): Peer {
    return this.#peers.find({
      socketAddress: request.socket.remoteAddress,
      isTls: (request.socket as Partial<TLSSocket>).encrypted === true,
      forwardedFor: joined(request.headers["x-forwarded-for"]),
      forwardedProto: joined(request.headers["x-forwarded-proto"]),
    });
  }

  /**
   * Why a page of the host's own is not shown to whoever asks, as a sentence; null where it is. A browser
   * that opens a page names no origin, so none is required, whatever the options say.
   */
  pageFault(request: IncomingMessage, peer: Peer): string | null {
    return originFault({ ...this.#question(request, peer), isRequired: false });
  }

  /** Why a form is not taken, as a sentence; null where it is. */
  formFault(request: IncomingMessage, peer: Peer): string | null {
    return formOriginFault(this.#question(request, peer), siteOf(request));
  }

  #question(request: IncomingMessage, peer: Peer): Omit<OriginQuestion, "isRequired"> {
    return {
      origins: request.headersDistinct["origin"] ?? [],
      host: request.headers.host,
      scheme: peer.scheme,
      allowed: this.#options.origins,
    };
  }
}

/** Whether it asks for nothing but what anybody may see: links and pictures of other sites lead here, too. */
function isReading({ method, headers }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && headers.upgrade === undefined;
}

function siteOf({ headers }: IncomingMessage): string | undefined {
  const site = headers["sec-fetch-site"];
  return typeof site === "string" ? site : undefined;
}

function joined(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(",") : header;
}
