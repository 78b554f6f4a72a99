import type { Clock, TimerHandle } from "@parlor/base";
import type { BusListening, SignalBus } from "@parlor/log";
import type { ConnectionReading, ConnectionReadings } from "./connection-readings.ts";
import type { StatusSnapshot } from "./status-snapshot.ts";

/** What one process says of itself, a second ago at most while somebody looks. */
export interface ProcessFigures {
  /** Names the process for as long as it lives. */
  readonly node: string;
  readonly status: StatusSnapshot;
  /** Those for which most waits, 100 at most. */
  readonly connections: readonly ConnectionReading[];
  /** Whatever the host adds. */
  readonly more: unknown;
}

export interface NodesDeps {
  readonly node: string;
  readonly bus: SignalBus;
  readonly clock: Clock;
  /** Called once a second while somebody looks. */
  readonly snapshot: () => StatusSnapshot;
  readonly connections: ConnectionReadings;
}

const CHANNEL = "operator";

/** Processes say how they are for so long after somebody looked, once in so long, and are forgotten after so long; ms. */
const LOOKED_AT_MS = 5_000;
const EVERY_MS = 1_000;
const SILENT_MS = 3_500;

const MAX_LISTED = 100;

/** Other processes that are kept in mind. */
const MAX_NODES = 256;

type Said =
  | { readonly kind: "look" }
  | { readonly kind: "figures"; readonly figures: ProcessFigures }
  | { readonly kind: "end"; readonly node: string; readonly number: number };

/**
 * What all processes that serve one log tell an operator, whichever of them is asked. Nobody says anything while nobody
 * looks; what is lost on the way is said again a second later.
 */
export class OperatorNodes {
  /** What the host adds to the figures of this process; must not throw. */
  more: () => unknown = () => null;
  readonly #deps: NodesDeps;
  readonly #others = new Map<string, { readonly figures: ProcessFigures; readonly atMs: number }>();
  #own: ProcessFigures | null = null;
  #lookedAtMs = -Infinity;
  #toldAtMs = -Infinity;
  #timer: TimerHandle | null = null;
  #listening: Promise<BusListening> | null;
  #isClosed = false;

  constructor(deps: NodesDeps) {
    this.#deps = deps;
    this.#listening = deps.bus.listen(CHANNEL, (text) => this.#hear(JSON.parse(text) as Said));
  }

  /** This process's, and those of whoever has answered since somebody looks. */
  figures(): readonly ProcessFigures[] {
    const nowMs = this.#deps.clock.monotonic();
    if (nowMs - this.#toldAtMs >= EVERY_MS) {
      this.#toldAtMs = nowMs;
      this.#say({ kind: "look" });
    }
    this.#look();
    for (const [node, { atMs }] of this.#others) if (nowMs - atMs > SILENT_MS) this.#others.delete(node);
    const own = this.#own ?? this.#take();
    return [own, ...[...this.#others.values()].map(({ figures }) => figures)];
  }

  /** Ends a connection of whatever process. Where it is another's, it is asked, and the next figures tell. */
  end(node: string, number: number): boolean {
    if (node === this.#deps.node) return this.#deps.connections.end(number);
    if (!this.#others.has(node)) return false;
    this.#say({ kind: "end", node, number });
    return true;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) this.#deps.clock.cancel(this.#timer);
    this.#timer = null;
    void this.#listening?.then((listening) => listening.close());
    this.#listening = null;
  }

  #hear(said: Said): void {
    switch (said.kind) {
      case "look":
        this.#look();
        return;
      case "figures": {
        const { figures } = said;
        if (figures.node === this.#deps.node) return;
        if (!this.#others.has(figures.node) && this.#others.size >= MAX_NODES) return;
        this.#others.set(figures.node, { figures, atMs: this.#deps.clock.monotonic() });
        return;
      }
      case "end":
        if (said.node === this.#deps.node) this.#deps.connections.end(said.number);
    }
  }

  #look(): void {
    if (this.#isClosed) return;
    this.#lookedAtMs = this.#deps.clock.monotonic();
    if (this.#timer !== null) return;
    this.#tell();
  }

  #tell(): void {
    this.#timer = null;
    if (this.#isClosed) return;
    if (this.#deps.clock.monotonic() - this.#lookedAtMs > LOOKED_AT_MS) {
      this.#own = null;
      return;
    }
    this.#say({ kind: "figures", figures: this.#take() });
    this.#timer = this.#deps.clock.after(EVERY_MS, () => this.#tell());
  }

  #take(): ProcessFigures {
    const { node, snapshot, connections } = this.#deps;
    this.#own = {
      node,
      status: snapshot(),
      connections: connections.list(MAX_LISTED),
      more: this.more(),
    };
    return this.#own;
  }

  #say(said: Said): void {
    this.#deps.bus.send(CHANNEL, JSON.stringify(said));
  }
}
