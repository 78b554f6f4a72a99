import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { ResolvedOptions } from "./options.ts";
import { parseTarget, type Target } from "./transport/address.ts";
import type { HttpError } from "./transport/http-answer.ts";
import { originFault } from "./transport/origin.ts";
import { PeerFinder, type Peer } from "./transport/peer-address.ts";

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
  | { readonly kind: "refused"; readonly error: HttpError; readonly peer: Peer }
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
    const peer = this.#peers.find({
      socketAddress: request.socket.remoteAddress,
      isTls: (request.socket as Partial<TLSSocket>).encrypted === true,
      forwardedFor: joined(request.headers["x-forwarded-for"]),
      forwardedProto: joined(request.headers["x-forwarded-proto"]),
    });
    const refuse = (error: HttpError): Knock => ({ kind: "refused", error, peer });
    const origins = request.headersDistinct["origin"] ?? [];
    const fault = originFault({
      origins,
      host: request.headers.host,
      scheme: peer.scheme,
      allowed: this.#options.origins,
      isRequired: this.#options.requireOrigin,
    });
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
}

function joined(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(",") : header;
}
