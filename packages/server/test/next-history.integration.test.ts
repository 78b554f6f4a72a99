import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog, type Tail, type TailEvent } from "@parlor/log";
import { Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { turns } from "./support/turns.ts";

/** A log whose tails tell nothing while they are held: as where they come over a network, behind its answers. */
class HeldTails extends MemoryLog {
  #held: (() => void)[] | null = null;

  readonly #listeners: ((event: TailEvent) => void)[] = [];

  override tail(room: string, listener: (event: TailEvent) => void): Promise<Tail> {
    this.#listeners.push(listener);
    return super.tail(room, (event) => {
      if (this.#held === null) listener(event);
      else this.#held.push(() => listener(event));
    });
  }

  /** Forgets what was held, as a link does that broke, and says only that something was missed. */
  async miss(room: string): Promise<void> {
    const { epoch, head, earliest } = await this.head(room);
    this.#held = null;
    for (const listener of this.#listeners) listener({ kind: "missed", epoch, head, earliest });
  }

  hold(): void {
    this.#held = [];
  }

  letGo(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const tell of held) tell();
  }
}

describe("a room that was deleted, and is written to again", () => {
  test("[ROOM-58] who comes before the tail has told of it is told nothing of the old history under the new name", async (t) => {
    const log = new HeldTails();
    const { parlor, port } = await startParlor(t, { log });
    const room = parlor.room("lobby");
    const early = await Peer.join(t, port);
    const { epoch } = await early.subscribe("lobby");
    for (const body of ["old 1", "old 2"]) await room.publish(body);
    while ((await early.next("messages")).messages.at(-1)?.body !== "old 2");

    log.hold();
    await log.delete("lobby");
    await room.publish("new 1");
    const late = [await Peer.join(t, port), await Peer.join(t, port)];
    late[0]?.send({ type: "subscribe", room: "lobby", last: 50 });
    late[1]?.send({ type: "subscribe", room: "lobby", after: 7, epoch: "another" });
    await turns();
    log.letGo();
    for (const peer of late) {
      const subscribed = await peer.next("subscribed");
      assert.notEqual(subscribed.epoch, epoch);
      assert.equal(subscribed.after, 0);
      const { messages } = await peer.next("messages");
      assert.deepEqual(
        messages.map(({ offset, body }) => [offset, body]),
        [[1, "new 1"]],
      );
    }
    await early.next("unsubscribed");
  });

  test("[ROOM-58] who read of the next history before the tail told of it is told of it once", async (t) => {
    const log = new HeldTails();
    const { parlor, port } = await startParlor(t, { log });
    const room = parlor.room("lobby");
    const peers = [await Peer.join(t, port), await Peer.join(t, port)] as const;
    const [live, behind] = peers;
    const { epoch } = await live.subscribe("lobby");
    for (const body of ["old 1", "old 2"]) await room.publish(body);
    while ((await live.next("messages")).messages.at(-1)?.body !== "old 2");
    // Nothing recent is kept from here on, so that who comes from far behind has to read.
    await log.redact("lobby", 1);
    await turns();

    log.hold();
    await log.delete("lobby");
    await room.publish("new 1");
    behind.send({ type: "subscribe", room: "lobby", after: 0, epoch });
    assert.equal((await behind.next("subscribed")).epoch, epoch);
    await turns();
    await log.miss("lobby");
    await room.publish("new 2");
    for (const peer of peers) {
      const subscribed = await peer.next("subscribed");
      assert.notEqual(subscribed.epoch, epoch);
      assert.deepEqual([subscribed.after, subscribed.lost], [0, { epoch: true }]);
      const bodies: unknown[] = [];
      while (bodies.at(-1) !== "new 2")
        bodies.push(...(await peer.next("messages")).messages.map(({ body }) => body));
      assert.deepEqual(bodies, ["new 1", "new 2"]);
    }
  });
});
