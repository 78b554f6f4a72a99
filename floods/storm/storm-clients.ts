import { ParlorClient } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import { setTimeout as wait } from "node:timers/promises";
import type { StormOrder, StormReport } from "./storm-order.ts";

/**
 * Entry of a process that holds some of the storm's clients: the product's own, which only count what they do.
 * Times are ms since 1970, so that several processes can be put together.
 */
const JOINED_AT_ONCE = 50;

/** The platform's WebSocket, which notes when it is asked to connect. */
class CountedWebSocket extends WebSocket {
  static readonly attemptsAt: number[] = [];

  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    CountedWebSocket.attemptsAt.push(Date.now());
  }
}

class StormClient {
  readonly client: ParlorClient;
  readonly room: string;
  /** Bodies in the order in which they came. */
  readonly heard: string[] = [];
  readonly acked: string[] = [];
  readonly faults: string[] = [];
  readonly joined = Promise.withResolvers<void>();
  #cursor = "";
  /** When it was there again, and behind what it went on. */
  resumed: { readonly atMs: number; readonly cursor: string } | null = null;

  constructor(url: string, room: string) {
    this.client = new ParlorClient(url, { transports: ["websocket"], webSocket: CountedWebSocket });
    this.room = room;
    const followed = this.client.room(room);
    followed.on("subscribed", ({ epoch, after, lost, skipped }) => {
      if (lost !== null || skipped !== null) this.faults.push(`${room}: something was lost or skipped`);
      this.joined.resolve();
      if (this.#cursor !== "") this.resumed = { atMs: Date.now(), cursor: this.#cursor };
      this.#cursor = `${room} ${epoch}:${after}`;
    });
    followed.on("messages", (messages) => this.#hear(messages));
    followed.subscribe();
  }

  say(body: string): void {
    this.client
      .room(this.room)
      .publish(body)
      .then(() => this.acked.push(body))
      .catch((error: unknown) => this.faults.push(`${body} was not stored: ${String(error)}`));
  }

  #hear(messages: readonly Message[]): void {
    for (const { body, offset } of messages) {
      this.heard.push(String(body));
      this.#cursor = this.#cursor.replace(/\d+$/, String(offset));
    }
  }
}

const clients: StormClient[] = [];
let isTalking = false;

const orders: Record<StormOrder["kind"], (order: StormOrder) => unknown> = {
  join: async (order) => {
    if (order.kind !== "join") return;
    for (let i = 0; i < order.count; i++) {
      clients.push(new StormClient(order.url, `room ${i % order.rooms}`));
      if (i % JOINED_AT_ONCE === 0) await clients.at(-1)?.joined.promise;
    }
    await Promise.all(clients.map(({ joined }) => joined.promise));
  },
  talk: (order) => {
    isTalking = true;
    if (order.kind === "talk") void talk(order.perSecond, order.name);
  },
  hush: () => {
    isTalking = false;
  },
  /** How many have heard this much of their room. */
  "how-many": (order) => {
    if (order.kind !== "how-many") return 0;
    return clients.filter(({ room, heard }) => heard.length >= (order.lengths[room] ?? 0)).length;
  },
  resumed: () => clients.filter(({ resumed }) => resumed !== null).length,
  report: (): StormReport => ({
    attemptsAt: CountedWebSocket.attemptsAt,
    resumed: clients.flatMap(({ resumed }) => (resumed === null ? [] : [resumed])),
    acked: clients.flatMap(({ room, acked }) => acked.map((body) => ({ room, body }))),
    heard: clients.map(({ room, heard }) => ({ room, bodies: heard.join() })),
    faults: clients.flatMap(({ faults }) => faults),
  }),
};

/** One after the other says something, until `hush`. */
async function talk(perSecond: number, name: string): Promise<void> {
  for (let said = 0; isTalking; said++) {
    clients[said % clients.length]?.say(`${name}-${said}`);
    await wait(1_000 / perSecond);
  }
}

process.on("disconnect", () => process.exit(0));
process.on("message", (order: StormOrder) => {
  void Promise.resolve(orders[order.kind](order)).then((answer) => process.send?.({ answer }));
});
