import { ParlorClient, preload, type ClientRoom } from "@parlor/client";
import type { Position } from "@parlor/protocol";
import { identityFromKey } from "@parlor/server/cores";
import { entryOf, type HistoryEvent, randomItem, RoomRecorder } from "@parlor/testkit";
import { RoomBeside } from "./beside/room-beside.ts";
import { ROOMS } from "./world/rights.ts";
import { MARK_BYTES } from "./world/simulated-connection.ts";
import type { World } from "./world/world.ts";

// What is loaded in the middle of a run would come at a moment that no seed decides.
await preload();

/** In lively runs so many pages ask for a room's state, presence and signals. */
const ASKING = 0.6;

/** Somebody with the product's client, who says and reads things at random and now and then loads the page anew. */
export class Participant {
  readonly name: string;
  readonly identity: string;
  readonly #world: World;
  readonly #key: string;
  #client: ParlorClient;
  #rooms: Map<string, RoomRecorder>;
  #lives = 0;
  /** By room, where this page asks for more than messages. */
  #beside = new Map<string, RoomBeside>();
  #said = 0;
  #isQuiet = false;

  constructor(name: string, world: World) {
    this.name = name;
    this.#world = world;
    this.#key = name.padEnd(43, "-");
    this.identity = identityFromKey(this.#key);
    [this.#client, this.#rooms] = this.#load();
    this.#actLater();
  }

  /** Publishes that have no answer yet. */
  get unanswered(): number {
    let sum = 0;
    for (const { unanswered } of this.#rooms.values()) sum += unanswered;
    for (const { unanswered } of this.#beside.values()) sum += unanswered;
    return sum;
  }

  /** Whether it stands at the end of every room that it reads. */
  isAt(heads: ReadonlyMap<string, Position | null>): boolean {
    return [...this.#rooms].every(([room, { position }]) => {
      if (position === null) return !this.#world.rights.may(this.identity, room);
      const head = heads.get(room) ?? null;
      return head === null || (position.epoch === head.epoch && position.offset >= head.offset);
    });
  }

  /** What this page has of a room beside messages; null where it did not ask, or may not. */
  besideOf(room: string): RoomBeside | null {
    return this.#world.rights.may(this.identity, room) ? (this.#beside.get(room) ?? null) : null;
  }

  /** What it says of itself to those who ask who is there. */
  get profile(): { readonly life: number } {
    return { life: this.#lives };
  }

  get fallenTimes(): readonly string[] {
    return [...this.#rooms.values()].flatMap(({ fallenTimes }) => fallenTimes);
  }

  /** Says nothing more, and stays in every room that it may read. */
  calmDown(): void {
    this.#isQuiet = true;
    for (const room of ROOMS) this.#subscribe(room);
  }

  leave(): void {
    this.#client.close();
  }

  #load(): [ParlorClient, Map<string, RoomRecorder>] {
    const { clock, random, checker, tally } = this.#world;
    this.#lives += 1;
    const client = new ParlorClient("http://simulated.test/", {
      key: this.#key,
      producer: `${this.name}-${this.#lives}`.padEnd(12, "-"),
      profile: { life: this.#lives },
      clock,
      random,
      transport: this.#world.transport(),
      wake: { listen: () => () => undefined, isOffline: false },
    });
    const rooms = new Map<string, RoomRecorder>();
    this.#beside = new Map();
    for (const room of ROOMS) {
      const name = `${this.name}, life ${this.#lives}`;
      // The epoch that a client says of its publish is the newest that it was told of.
      const recorder = {
        add: (event: HistoryEvent) =>
          checker.take(
            event.kind === "publish" && event.outcome === "ok" ? { ...event, epoch: null } : event,
          ),
      };
      const subscribe = { last: this.#world.draw(0, 20) };
      const count = tally.add.bind(tally);
      rooms.set(room, new RoomRecorder({ client, name, room, recorder, subscribe, count }));
      client.room(room).on("unsubscribed", () => {
        tally.add("turned out of a room");
        // A room that was deleted may be asked for again.
        if (this.#isQuiet && this.#world.rights.may(this.identity, room))
          this.#world.later(20, 100, () => this.#subscribe(room));
      });
      client.room(room).on("subscribed", ({ epoch, lost }) => {
        if (lost !== null && "epoch" in lost) tally.add("another history told");
        if (lost !== null && epoch.startsWith("restored")) tally.add("continued after a restoration");
      });
      if (this.#world.isLively && random() < ASKING) {
        const page = `${this.name}, life ${this.#lives}`;
        this.#beside.set(room, new RoomBeside({ room: client.room(room), page, world: this.#world }));
      }
    }
    client.on("state", ({ kind }) => tally.add(`client ${kind}`));
    return [client, rooms];
  }

  #actLater(): void {
    this.#world.later(10, 300, () => {
      if (this.#isQuiet) return;
      this.#act();
      this.#actLater();
    });
  }

  #act(): void {
    const { random } = this.#world;
    const room = randomItem(random, ROOMS);
    const chance = random();
    if (chance < 0.7) this.#talk(room);
    else if (chance < 0.8) this.#readHistory(this.#client.room(room));
    else if (chance < 0.86) this.#subscribe(room);
    else if (chance < 0.9) this.#unsubscribe(room);
    else if (chance < 0.92) this.#client.reconnect();
    else if (chance < 0.93) this.#reload();
    else if (chance < 0.97) this.#beside.get(room)?.set();
    else this.#beside.get(room)?.signal();
  }

  #talk(room: string): void {
    const { random } = this.#world;
    for (let burst = this.#world.draw(1, 4); burst > 0; burst--) {
      const size = random() < 0.1 ? MARK_BYTES * 2 * random() : 0;
      const body = { n: ++this.#said, by: this.name, filler: "x".repeat(size) };
      this.#rooms
        .get(room)
        ?.publish(body)
        .catch(() => this.#world.tally.add("not taken into the outbox"));
    }
  }

  #readHistory(room: ClientRoom): void {
    const { checker, tally } = this.#world;
    room.history({ limit: this.#world.draw(1, 30) }).then(
      ({ epoch, messages }) => {
        tally.add("history pages read");
        checker.take({
          kind: "history",
          reader: this.name,
          room: room.name,
          epoch,
          entries: messages.map(entryOf),
        });
      },
      () => tally.add("history refused"),
    );
  }

  #subscribe(room: string): void {
    this.#client.room(room).subscribe();
  }

  #unsubscribe(room: string): void {
    this.#client.room(room).unsubscribe();
    this.#rooms.get(room)?.left();
  }

  /** The page is loaded anew: what it had in mind is gone, who it is stays. */
  #reload(): void {
    this.#world.tally.add("page loaded anew");
    for (const room of this.#rooms.values()) room.left();
    this.#client.close();
    [this.#client, this.#rooms] = this.#load();
  }
}
