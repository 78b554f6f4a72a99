import type { Clock, Random, TimerHandle } from "@parlor/base";
import type { ParlorClient } from "../client.ts";
import type { Link, LinkConnection, LinkListener } from "../transports/link.ts";
import type { TransportKind } from "../transports/transport.ts";
import type { Hub } from "./hub.ts";
import { HANDOVER_MS, LeaderRoad } from "./leader-road.ts";
import { browserTabs, type Line, type TabsPlatform } from "./platform.ts";
import { TabConnection, type Road } from "./tab-connection.ts";
import { isOurs, type HubMessage } from "./words.ts";

export interface TabsParts {
  readonly base: string;
  /** The link of this tab alone, and that of the hub where this tab holds it. */
  readonly own: Link;
  /** Of the worker, of the channel and of the lock. */
  readonly name: string;
  readonly worker: URL | string | undefined;
  /** @default the browser's */
  readonly platform: TabsPlatform | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** This tab among the others. */
  readonly id: string;
  /** What a hub is made of; given, since what is loaded on demand imports nothing that the page has already. */
  readonly Client: typeof ParlorClient;
}

/** How long a hub may take to say that it is there. Its script may still have to be fetched. */
const HERE_MS = 2_000;
const MAX_SILENCES = 2;

/**
 * A link whose far end is the hub: in a shared worker, else in one of the tabs, whichever there is. Where tabs can't
 * find one another, or can't share, it is a connection of its own.
 */
export class TabsLink implements Link {
  readonly #base: string;
  readonly #own: Link;
  readonly #worker: TabsParts["worker"];
  readonly #platform: Omit<TabsPlatform, "goFirst">;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #leader: LeaderRoad;
  #connection: TabConnection | null = null;
  #number = 0;
  #timer: TimerHandle | null = null;
  #canWork: boolean;
  /** Connections in a row of which the worker said nothing. */
  #silences = 0;
  /** No hub serves the present connection. */
  #isAlone = false;
  /** Of the worker that serves the present connection: ends the wait for its end. */
  #unwatchWorker: () => void = () => undefined;

  constructor(parts: TabsParts) {
    const { base, own, name, worker, platform = browserTabs, clock, random } = parts;
    this.#base = base;
    this.#own = own;
    this.#worker = worker;
    this.#platform = platform;
    this.#clock = clock;
    this.#canWork = worker !== undefined;
    this.#name = name;
    const makeHub = async (): Promise<Hub> => {
      const [{ makeHub: make }] = await Promise.all([
        import("./hub-client.ts"),
        // What it serves its tabs with, too: once another release is deployed it can't be had any more.
        import("../message-iterator.ts"),
        import("../upward.ts"),
      ]);
      return make(parts.Client, own);
    };
    this.#leader = new LeaderRoad(
      platform,
      { name: this.#name, id: parts.id },
      makeHub,
      { onMessage: (message) => this.#hear(message), onLeader: () => this.#onLeader() },
      { clock, random },
    );
    platform.listen(() => {
      this.#leader.leave();
      // It would not hear what becomes of it.
      if (this.#connection?.isHere === true && this.#leader.isIn) this.#end("The page was put away.");
    });
  }

  get kind(): TransportKind {
    return this.#isAlone ? this.#own.kind : (this.#connection?.transport ?? "websocket");
  }

  open(listener: LinkListener): LinkConnection {
    this.#isAlone = false;
    return this.#openWorker(listener) ?? this.#openLeader(listener) ?? this.#openAlone(listener);
  }

  #openWorker(listener: LinkListener): LinkConnection | null {
    const worker = this.#worker;
    if (!this.#canWork || worker === undefined) return null;
    // One that ended just then is started again; one that does not start is passed over, now and then.
    if (this.#silences >= MAX_SILENCES) {
      this.#silences = 0;
      return null;
    }
    const giveUp = (): void => {
      this.#silences += 1;
      this.#end("The shared worker can't be reached.");
    };
    const line = this.#platform.worker(worker, this.#name, () => {
      this.#canWork = false;
      giveUp();
    });
    if (line === null) this.#canWork = false;
    return line === null
      ? null
      : this.#begin(new WorkerRoad(line, (message) => this.#hear(message)), listener, giveUp, () =>
          this.#watchWorker(),
        );
  }

  #openLeader(listener: LinkListener): LinkConnection | null {
    if (!this.#leader.enter()) return null;
    return this.#begin(this.#leader, listener, () => {
      this.#leader.depose();
      this.#watch(() => this.#end("No tab holds the connection."));
    });
  }

  #openAlone(listener: LinkListener): LinkConnection {
    this.#isAlone = true;
    return this.#own.open(listener);
  }

  #begin(
    road: Road & { close?(): void },
    listener: LinkListener,
    onSilence: () => void,
    onHere: () => void = () => undefined,
  ): LinkConnection {
    this.#number += 1;
    const from = { base: this.#base, isHidden: this.#platform.isHidden };
    let alone: LinkConnection | null = null;
    const connection = new TabConnection(this.#number, road, from, listener, {
      onHere: () => {
        this.#silences = 0;
        this.#watch(null);
        onHere();
      },
      onDeclined: () => {
        alone = this.#openAlone(listener);
      },
    });
    this.#connection = connection;
    connection.ask();
    this.#watch(onSilence);
    return {
      send: (text) => (alone ?? connection).send(text),
      close: (cause) => {
        if (this.#connection === connection) this.#unwatch();
        if (alone !== null) alone.close(cause);
        else connection.close();
        road.close?.();
      },
    };
  }

  #hear(message: HubMessage): void {
    const connection = this.#connection;
    if (connection?.number !== message.connection) return;
    connection.hear(message);
  }

  #onLeader(): void {
    if (this.#connection?.isHere === true) this.#end("Another tab holds the connection now.");
    else this.#connection?.ask();
  }

  #end(message: string, retryAfterMs = 0): void {
    this.#unwatch();
    this.#connection?.fail({ code: 1006, reason: "", wait: { message, retryAfterMs } });
  }

  #unwatch(): void {
    this.#watch(null);
    this.#unwatchWorker();
  }

  /** A worker's process may end without a word, as with the page that started it: then its lock is free. */
  #watchWorker(): void {
    this.#unwatchWorker();
    const stop = new AbortController();
    this.#unwatchWorker = () => stop.abort();
    const onFree = async (): Promise<void> => {
      if (!stop.signal.aborted) this.#end("The shared worker has ended.", HANDOVER_MS);
    };
    // Shared, since all its tabs wait for it, and one that is frozen may hold it for long. Rejected where it was given up.
    this.#platform.locks
      ?.request(this.#name, { mode: "shared", signal: stop.signal }, onFree)
      .catch(() => undefined);
  }

  /** Calls that unless the hub says in time that it is there. */
  #watch(onSilence: (() => void) | null): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = onSilence === null ? null : this.#clock.after(HERE_MS, onSilence);
  }
}

/** The way to a hub in a shared worker. */
class WorkerRoad implements Road {
  readonly #line: Line;

  constructor(line: Line, onMessage: (message: HubMessage) => void) {
    this.#line = line;
    line.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (isOurs(data)) onMessage(data as HubMessage);
    };
  }

  post(message: object): void {
    this.#line.postMessage(message);
  }

  close(): void {
    this.#line.close();
  }
}
