import { askFor } from "../asks.ts";
import type { Asks } from "../cursor.ts";
import type { ClientRoom } from "../room.ts";
import type { HubMember } from "./hub-member.ts";

/** What goes to whoever asked for it, as it comes. */
export type AskedFor = "presence" | "signals" | "state";

/** What the room's subscription begins again with when the server has lost sight of it: the rest is history. */
const AT_MOST = 1_000;

/**
 * One room of the hub: who of the tabs wants it, and what of it. The server sees one subscription, which asks for
 * what any of them asks.
 */
export class HubRoom {
  readonly room: ClientRoom;
  readonly #stops: (() => void)[];
  /** Who asked for what; false while the whole of it, which comes first, has not come. */
  readonly members = new Map<HubMember, Map<AskedFor, boolean>>();
  #known = Promise.withResolvers<void>();
  #isKnown = false;

  /** @param onEnd The server has ended the subscription. */
  constructor(
    room: ClientRoom,
    onEnd: (failure: { readonly code: string; readonly message: string }) => void,
  ) {
    this.room = room;
    this.#stops = [
      room.on("subscribed", () => {
        this.#isKnown = true;
        this.#known.resolve();
      }),
      room.on("unsubscribed", onEnd),
    ];
    room.subscribe({ last: 0, atMost: AT_MOST });
  }

  /** Fulfils when the server has told the room's head. */
  get isKnown(): Promise<void> {
    return this.#isKnown ? Promise.resolve() : this.#known.promise;
  }

  join(member: HubMember, asks: Asks): void {
    const asked = new Map<AskedFor, boolean>();
    const { presence, signals, state } = asks;
    const wanted: { presence?: true; signals?: "batched"; state?: true } = {};
    // Whoever comes later needs the whole of it, too; to the others it is the same once more.
    if (presence !== undefined && presence !== false) wanted.presence = true;
    if (state !== undefined && state !== false) wanted.state = true;
    if (signals !== undefined && signals !== false) wanted.signals = "batched";
    for (const what of Object.keys(wanted) as AskedFor[]) asked.set(what, what === "signals");
    this.members.set(member, asked);
    const { shell, name } = this.room;
    const { core } = shell;
    const isNew =
      wanted.presence === true ||
      wanted.state === true ||
      (wanted.signals !== undefined && this.#isFirst(member));
    if (!isNew) return;
    shell.step(() => askFor(core.cursor(name), wanted, core.connection.isLinked));
  }

  /** @returns whether nobody wants the room any more */
  leave(member: HubMember): boolean {
    this.members.delete(member);
    return this.members.size === 0;
  }

  /** Those who asked for it and have, or get with this, the whole. */
  takers(what: AskedFor, isWhole: boolean): HubMember[] {
    const takers: HubMember[] = [];
    for (const [member, asked] of this.members) {
      if (isWhole && asked.has(what)) asked.set(what, true);
      if (asked.get(what) === true) takers.push(member);
    }
    return takers;
  }

  end(): void {
    for (const stop of this.#stops) stop();
    this.room.unsubscribe();
  }

  #isFirst(member: HubMember): boolean {
    return ![...this.members].some(([other, asked]) => other !== member && asked.has("signals"));
  }
}
