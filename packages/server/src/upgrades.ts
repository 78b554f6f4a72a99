import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { SUBPROTOCOL } from "@parlor/protocol";
import type { ConnectionLimits } from "./connection-limits.ts";
import type { Door, Guest, Knock } from "./door.ts";
import type { ConnectionRefusal } from "./room/counters.ts";
import { faultText } from "./room/logger.ts";
import { bearerCredentials, identify } from "./session/identify.ts";
import type { Services } from "./session/services.ts";
import { behindAnswers } from "./transport/behind-answers.ts";
import { answerErrorOnSocket, type HttpError } from "./transport/http-answer.ts";
import { plainStart } from "./transport/plain-room.ts";
import { checkUpgrade } from "./transport/upgrade-checks.ts";
import { spokenSubprotocol } from "./transport/websocket-form.ts";
import { UpgradeTurns } from "./upgrade-turns.ts";
import type { UpgradePlan, WebSocketTransport } from "./transport/websocket-transport.ts";

const DRAINING: HttpError = {
  code: "draining",
  message: "The server is stopping; come back.",
  retryAfterMs: 1_000,
};

/**
 * Upgrades: from a request that wants a WebSocket to a peer, or to a refusal in words on its socket.
 * The browser hides those words from the page, but not from its console, from curl, or from a proxy's log.
 */
export class Upgrades {
  readonly #door: Door;
  readonly #limits: ConnectionLimits;
  readonly #services: Services;
  readonly #webSockets: WebSocketTransport;
  readonly #turns: UpgradeTurns;

  constructor(door: Door, limits: ConnectionLimits, services: Services, webSockets: WebSocketTransport) {
    this.#door = door;
    this.#limits = limits;
    this.#services = services;
    this.#webSockets = webSockets;
    this.#turns = new UpgradeTurns(() => void (services.counters.readingPaused.upgrade += 1));
  }

  /** Takes an upgrade, whatever becomes of it; false where its address is not ours. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const knock = this.#door.knock(request);
    if (knock.kind === "not-ours") return false;
    // From here on the socket is ours: a peer that resets it must not take the process with it.
    socket.on("error", destroyThis);
    behindAnswers(socket, () => this.#take(knock, request, socket, head));
    return true;
  }

  #take(
    knock: Exclude<Knock, { readonly kind: "not-ours" }>,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): void {
    if (knock.kind === "refused") {
      const reason = knock.error.code === "origin-not-allowed" ? "origin" : "bad-address";
      const origin = request.headers.origin;
      this.#refuse(socket, knock.error, reason, { peer: knock.peer, origin });
    } else {
      const { guest } = knock;
      this.#turns.take(guest.peer.address, () => {
        this.#admit(guest, request, socket, head).catch((fault: unknown) => {
          this.#services.counters.internalFaults += 1;
          this.#services.logger.error("An upgrade met a fault of the server.", { fault: faultText(fault) });
          socket.destroy();
        });
      });
    }
  }

  async #admit(guest: Guest, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Who left while it waited for its turn is owed nothing.
    if (socket.destroyed) return;
    const check = checkUpgrade({
      method: request.method,
      httpVersion: request.httpVersion,
      rawHeaders: request.rawHeaders,
    });
    if (!check.ok) return this.#refuse(socket, check, "handshake", guest);
    const { address } = guest.target;
    const hasSubprotocol = spokenSubprotocol(check.protocols) !== null;
    if (address.kind !== "room" && address.kind !== "connect") {
      const message = "No WebSocket is served at that address; /connect and /rooms/{room} have one.";
      return this.#refuse(socket, { code: "bad-frame", message }, "bad-address", guest);
    }
    if (address.kind === "connect" && !hasSubprotocol) {
      const message = `/connect speaks the subprotocol ${SUBPROTOCOL}; name it in Sec-WebSocket-Protocol.`;
      return this.#refuse(socket, { code: "bad-frame", message }, "handshake", guest);
    }
    if (this.#services.isDraining) return this.#refuse(socket, DRAINING, "draining", guest);
    const refusal = this.#limits.take(guest.peer.address);
    if (refusal !== null) return this.#refuse(socket, refusal, refusal.reason, guest);
    this.#releaseAtClose(socket, guest.peer.address);

    const plan = await this.#plan(guest, request, hasSubprotocol);
    if ("code" in plan) {
      return this.#refuse(socket, plan, plan.code === "bad-frame" ? "bad-address" : "unauthenticated", guest);
    }
    if (socket.destroyed) return;
    if (this.#services.isDraining) return this.#refuse(socket, DRAINING, "draining", guest);
    this.#webSockets.accept(request, socket, head, plan);
  }

  /** By itself, since a closure that is made where the guest is known keeps all of it while the socket lives. */
  #releaseAtClose(socket: Duplex, address: string): void {
    socket.once("close", () => this.#limits.release(address));
  }

  async #plan(
    guest: Guest,
    request: IncomingMessage,
    hasSubprotocol: boolean,
  ): Promise<UpgradePlan | HttpError> {
    const { target, peer } = guest;
    if (target.address.kind !== "room" || hasSubprotocol) return { kind: "websocket", address: peer.address };
    const start = plainStart(target.query);
    if (typeof start === "string") return { code: "bad-frame", message: start };
    const who = await identify(
      bearerCredentials(request.headers, peer.address, this.#services),
      this.#services,
    );
    if ("code" in who) return who;
    return { kind: "plain", address: peer.address, room: target.address.room, start, who };
  }

  #refuse(
    socket: Duplex,
    error: HttpError,
    reason: ConnectionRefusal,
    { peer, origin }: Pick<Guest, "peer" | "origin">,
  ): void {
    this.#services.events.turnedAway(reason, error.code, peer.address, origin);
    answerErrorOnSocket(socket, error, this.#services.clock);
  }
}

function destroyThis(this: Duplex): void {
  this.destroy();
}
