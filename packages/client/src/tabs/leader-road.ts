import type { Clock, Random } from "@parlor/base";
import type { Election } from "./election.ts";
import type { Hub } from "./hub.ts";
import { LeaseElection, type LeaseWord } from "./lease-election.ts";
import { LockElection } from "./lock-election.ts";
import type { Line, TabsPlatform } from "./platform.ts";
import type { Road } from "./tab-connection.ts";
import { TABS_VERSION } from "./version.ts";
import { isOurs, type HubMessage, type HubPort, type TabMessage } from "./words.ts";

type ChannelMessage = { readonly version: number } & (
  | { readonly to: "hub"; readonly tab: string; readonly message: TabMessage }
  | { readonly to: string; readonly message: HubMessage }
  /** That one leads now. */
  | { readonly leader: string }
  | { readonly election: LeaseWord }
);

/** Tabs whose lines are known; one that was not heard longer than so many others is gone, since those that live answer. */
const MAX_PORTS = 1_000;
/** How long after another hub the first try begins: its connection may be closing still, and the server is to see one. */
export const HANDOVER_MS = 100;

export interface LeaderRoadEvents {
  onMessage(message: HubMessage): void;
  /** Another tab leads, or this one does: what was asked before has to be asked again. */
  onLeader(): void;
}

/**
 * The way to a hub that is in one of the tabs, by a channel that all of them hear.
 *
 * Owns:     who leads, as far as this tab knows, and the hub where that is itself.
 * Leaves:   how it is decided (election.ts), and what the hub does (hub.ts).
 */
export class LeaderRoad implements Road {
  readonly #platform: Omit<TabsPlatform, "goFirst">;
  readonly #name: string;
  readonly #makeHub: () => Promise<Hub>;
  readonly #events: LeaderRoadEvents;
  readonly #election: Election;
  readonly #id: string;
  #channel: Line | null = null;
  #hub: Hub | null = null;
  #isLeading = false;
  #hasHeardLeader = false;
  readonly #clock: Clock;
  readonly #ports = new Map<string, HubPort>();

  constructor(
    platform: Omit<TabsPlatform, "goFirst">,
    of: { readonly name: string; readonly id: string },
    makeHub: () => Promise<Hub>,
    events: LeaderRoadEvents,
    time: { readonly clock: Clock; readonly random: Random },
  ) {
    this.#platform = platform;
    this.#name = of.name;
    this.#id = of.id;
    this.#makeHub = makeHub;
    this.#events = events;
    this.#clock = time.clock;
    const election = { onLead: () => void this.#lead(), onDeposed: () => this.#stop() };
    this.#election =
      platform.locks === null
        ? new LeaseElection(
            this.#id,
            (word) => this.#cry({ election: word }),
            election,
            time.clock,
            time.random,
          )
        : new LockElection(platform.locks, of.name, election);
  }

  /** This tab takes part. */
  get isIn(): boolean {
    return this.#channel !== null;
  }

  /** @returns whether there is a channel. */
  enter(): boolean {
    if (this.#channel === null) {
      this.#channel = this.#platform.channel(this.#name);
      if (this.#channel === null) return false;
      this.#channel.onmessage = ({ data }) => this.#hear(data);
    }
    this.#election.enter();
    return true;
  }

  /** Whoever leads does not answer. */
  depose(): void {
    if (!this.#isLeading && this.isIn) this.#election.depose();
  }

  /** Lets another lead, and holds nothing that keeps the page from being put away. */
  leave(): void {
    this.#stop();
    this.#election.leave();
    this.#channel?.close();
    this.#channel = null;
  }

  post(message: TabMessage): void {
    if (this.#hub !== null) this.#hub.take(this.#port(this.#id), message);
    else this.#cry({ to: "hub", tab: this.#id, message });
  }

  async #lead(): Promise<void> {
    this.#isLeading = true;
    const hub = await this.#makeHub().catch(() => null);
    if (this.#hasHeardLeader) await new Promise<void>((resolve) => this.#clock.after(HANDOVER_MS, resolve));
    // Meanwhile the page may have been put away, or another may have taken it.
    if (!this.#isLeading) return;
    // What it is made of can't be had, as when the server is gone: another may have it, or this one the next time.
    if (hub === null) return this.leave();
    this.#hub = hub;
    this.#cry({ leader: this.#id });
    this.#events.onLeader();
  }

  #stop(): void {
    this.#isLeading = false;
    const hub = this.#hub;
    this.#hub = null;
    hub?.close({
      code: 1001,
      reason: "",
      wait: { message: "The tab that held the connection is gone.", retryAfterMs: 0 },
    });
    this.#ports.clear();
  }

  #hear(data: unknown): void {
    if (!isOurs(data)) return;
    const message = data as ChannelMessage;
    if ("election" in message) (this.#election as LeaseElection).hear?.(message.election);
    else if ("leader" in message || message.to === this.#id) this.#hasHeardLeader = true;
    if ("leader" in message) this.#events.onLeader();
    else if ("election" in message) return;
    else if (message.to === this.#id) this.#events.onMessage((message as { message: HubMessage }).message);
    else if ("tab" in message) this.#hub?.take(this.#port(message.tab), message.message);
  }

  /** The line to one tab: this one, or another over the channel. */
  #port(tab: string): HubPort {
    let port = this.#ports.get(tab);
    if (port === undefined) {
      const post = (message: HubMessage): void => {
        if (tab !== this.#id) this.#cry({ to: tab, message });
        // Never from within what it answers.
        else queueMicrotask(() => this.#events.onMessage(message));
      };
      port = { post };
    }
    this.#ports.delete(tab);
    this.#ports.set(tab, port);
    const [oldest = tab] = this.#ports.keys();
    if (this.#ports.size > MAX_PORTS) this.#ports.delete(oldest);
    return port;
  }

  #cry(message: object): void {
    this.#channel?.postMessage({ version: TABS_VERSION, ...message });
  }
}
