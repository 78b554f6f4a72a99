import type { Clock } from "@parlor/base";
import type { Transport, TransportConnection, TransportKind, TransportListener } from "../src/index.ts";
import { contend } from "../src/transports/contender.ts";
import { goingOn } from "../src/transports/going-on.ts";
import { racingLink } from "../src/transports/racing-link.ts";
import { transportHistory } from "../src/transports/transport-history.ts";
import type { ModelWorld } from "./model-run.ts";

const KINDS: readonly TransportKind[] = ["websocket", "stream", "poll"];

/** What a road does with a connection that comes: carries it, refuses it, or takes it and says nothing. */
type Condition = "good" | "blocked" | "black";
const CONDITIONS: readonly Condition[] = ["good", "good", "blocked", "black"];

/** The ways to a model server, each of which opens and closes as the seed says. */
export class ChangingRoads {
  /** How often each transport was opened and carried. */
  readonly carried = new Map<TransportKind, number>();
  /** At first the best road is not there, so that there is something better to come. */
  readonly #conditions = new Map<TransportKind, Condition>([["websocket", "blocked"]]);

  /** One road at a time may change. */
  change(random: () => number): void {
    if (random() > 0.05) return;
    const kind = KINDS[Math.floor(random() * KINDS.length)] ?? "websocket";
    this.#conditions.set(kind, CONDITIONS[Math.floor(random() * CONDITIONS.length)] ?? "good");
  }

  clear(): void {
    this.#conditions.clear();
  }

  /** A client's link that races over these roads. */
  link(identity: string, { server, clock, random }: ModelWorld): Transport {
    const over = (kind: TransportKind): Transport => ({
      kind,
      open: (listener) => this.#open(server.transport(identity, kind), listener, clock),
    });
    const means = {
      kinds: KINDS,
      socket: over("websocket"),
      base: "http://model.test/",
      fetch: () => Promise.reject(new Error("no requests in a model")),
      clock,
      random,
      history: transportHistory(null, "http://model.test"),
      contend: (transport: Transport, host: Parameters<typeof contend>[2]) =>
        contend(transport, clock.monotonic(), host),
    };
    return goingOn(racingLink(means, over));
  }

  #open(transport: Transport, listener: TransportListener, clock: Clock): TransportConnection {
    const condition = this.#conditions.get(transport.kind) ?? "good";
    if (condition === "good") {
      this.carried.set(transport.kind, (this.carried.get(transport.kind) ?? 0) + 1);
      return transport.open(listener);
    }
    if (condition === "black") return { send() {}, close() {} };
    const timer = clock.after(5, () => listener.onClose({ code: 1006, reason: "" }));
    return { send() {}, close: () => clock.cancel(timer) };
  }
}
