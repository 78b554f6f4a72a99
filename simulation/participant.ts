import { ParlorClient, preload, type ClientRoom } from "@parlor/client";
import { identityFromKey } from "@parlor/server/cores";
import { entryOf, randomItem, RoomRecorder } from "@parlor/testkit";
import { PRIVATE_ROOM } from "./world/rights.ts";
import { MARK_BYTES } from "./world/simulated-connection.ts";
import type { World } from "./world/world.ts";

// What is loaded in the middle of a run would come at a moment that no seed decides.
await preload();

export const ROOMS: readonly string[] = ["hall", PRIVATE_ROOM];

/** Somebody with the product's client, who says and reads things at random and now and then loads the page anew. */
export class Participant {
  readonly name: string;
  readonly identity: string;
  readonly #world: World;
  readonly #key: string;
  #client: ParlorClient;
  #rooms: Map<string, RoomRecorder>;
  #lives = 0;
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
    return [...this.#rooms.values()].reduce((sum, { unanswered }) => sum + unanswered, 0);
  }

  /** Whether it stands at the end of every room that it reads. */
  isAt(heads: ReadonlyMap<string, number>): boolean {
    return [...this.#rooms].every(([room, { position }]) => {
      const isLetIn = this.#world.rights.may(this.identity, room);
      return position === null ? !isLetIn : position.offset >= (heads.get(room) ?? 0);
    });
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
      clock,
      random,
      transport: this.#world.transport(),
      wake: { listen: () => () => undefined, isOffline: false },
    });
    const rooms = new Map<string, RoomRecorder>();
    for (const room of ROOMS) {
      const name = `${this.name}, life ${this.#lives}`;
      const recorder = { add: checker.take.bind(checker) };
      const subscribe = { last: this.#world.draw(0, 20) };
      const count = tally.add.bind(tally);
      rooms.set(room, new RoomRecorder({ client, name, room, recorder, subscribe, count }));
      client.room(room).on("unsubscribed", () => tally.add("turned out of a room"));
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
