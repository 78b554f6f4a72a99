import { systemClock, systemRandom, type Clock, type Random, type TimerHandle } from "@parlor/base";
import { baseAddress } from "../core-options.ts";
import { chosenLink, type ClientOptions } from "../options.ts";
import type { Link, LinkConnection, LinkListener } from "../transports/link.ts";
import type { TransportKind } from "../transports/transport.ts";
import { LeaderRoad } from "./leader-road.ts";
import { browserTabs, type Line, type TabsPlatform } from "./platform.ts";
import { TabConnection, type Road } from "./tab-connection.ts";
import { isOurs, TABS_VERSION, type HubMessage } from "./words.ts";

export interface TabsOptions
  extends Pick<ClientOptions, "transports" | "webSocket" | "fetch" | "clock" | "random"> {
  /**
   * Where the script of the shared worker is: a module that imports `@parlor/client/tabs/worker`, of the page's own
   * origin, such as `new URL("./parlor-worker.js", import.meta.url)`.
   *
   * @default none: one of the tabs holds the connection
   */
  readonly worker?: URL | string | undefined;
  /**
   * Whose connection it is, where not everybody in this browser is the same: tabs of another group have another
   * one. An application whose clients have tokens names the user here.
   *
   * @default one group
   */
  readonly group?: string | undefined;
  /** @internal */
  readonly platform?: TabsPlatform | undefined;
}

/** How long a hub may take to say that it is there. Its script may still have to be fetched. */
const HERE_MS = 2_000;

/**
 * A link that is shared by all tabs of this origin: one connection to the server, in a shared worker or in one of the
 * tabs, whichever there is. For `transport` of a `ParlorClient`. Where tabs can't find one another, or can't share,
 * each has a connection of its own, as without it.
 *
 * @throws {CodedError} `bad-url`, `bad-option`
 */
export function tabsLink(url: string | URL | undefined, options: TabsOptions = {}): Link {
  const base = baseAddress(url);
  return new TabsLink(base, chosenLink(base, options), options);
}

class TabsLink implements Link {
  readonly #base: string;
  readonly #own: Link;
  readonly #options: TabsOptions;
  readonly #platform: TabsPlatform;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #leader: LeaderRoad;
  #connection: TabConnection | null = null;
  #number = 0;
  #timer: TimerHandle | null = null;
  #canWork: boolean;
  /** No hub serves the present connection. */
  #isAlone = false;

  constructor(base: URL, own: Link, options: TabsOptions) {
    this.#base = base.href;
    this.#own = own;
    this.#options = options;
    const {
      platform = browserTabs,
      clock = systemClock,
      random = systemRandom as Random,
      group = "",
    } = options;
    this.#platform = platform;
    this.#clock = clock;
    this.#canWork = options.worker !== undefined;
    this.#name = `parlor.tabs.${TABS_VERSION}:${base.href}:${group}`;
    const makeHub = async () => {
      const { makeHub: make } = await import("./hub-client.ts");
      return make({ link: own });
    };
    this.#leader = new LeaderRoad(
      platform,
      this.#name,
      makeHub,
      { onMessage: (message) => this.#hear(message), onLeader: () => this.#onLeader() },
      { clock, random },
    );
    platform.listen(() => {
      this.#leader.leave();
      // It would not hear what becomes of it.
      if (this.#connection?.isHere === true && !this.#canWork) this.#end("The page was put away.");
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
    const { worker } = this.#options;
    if (!this.#canWork || worker === undefined) return null;
    const giveUp = (): void => {
      this.#canWork = false;
      this.#end("The shared worker can't be reached.");
    };
    const line = this.#platform.worker(worker, this.#name, giveUp);
    if (line === null) this.#canWork = false;
    return line === null
      ? null
      : this.#begin(new WorkerRoad(line, (message) => this.#hear(message)), listener, giveUp);
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

  #begin(road: Road & { close?(): void }, listener: LinkListener, onSilence: () => void): LinkConnection {
    this.#number += 1;
    const from = { base: this.#base, isHidden: this.#platform.isHidden };
    let alone: LinkConnection | null = null;
    const connection = new TabConnection(this.#number, road, from, listener, {
      onHere: () => this.#watch(null),
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
        if (this.#connection === connection) this.#watch(null);
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

  #end(message: string): void {
    this.#watch(null);
    this.#connection?.fail({ code: 1006, reason: "", wait: { message, retryAfterMs: 0 } });
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
