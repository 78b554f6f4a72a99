import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answerFrames, postFrames, StreamReader } from "../../server/test/support/exchange.ts";
import { Peer, TextSocket } from "../../server/test/support/peer.ts";
import { Site } from "./support/site.ts";

describe("a right that is withdrawn", () => {
  test("[MOD-21] ends what is being read, in words, on every transport, and what comes behind it is refused", async (t) => {
    const site = await Site.open(t);
    const { origin } = site;
    const port = Number(new URL(origin).port);
    const [ada, cy] = [site.person("ada"), site.person("cy")];
    await ada.told("moderation.claim", { room: "club" });
    await cy.publish("club", "hello");

    const hello = { type: "hello", version: 1, key: cy.key, producer: "producer-1" };
    const subscribe = { type: "subscribe", room: "club", last: 0 };
    const peer = await Peer.join(t, port, { key: cy.key });
    await peer.subscribe("club");
    const stream = await StreamReader.open(t, origin, [hello, subscribe]);
    await stream.next("welcome");
    await stream.next("subscribed");
    const { head, epoch } = (await (await fetch(`${origin}/rooms/club/messages`)).json()) as {
      head: number;
      epoch: string;
    };
    const waiting = postFrames(`${origin}/connect/poll?wait=25`, [
      hello,
      { type: "subscribe", room: "club", after: head, epoch },
    ]);
    const feed = await fetch(`${origin}/rooms/club/messages`, {
      headers: { accept: "text/event-stream", authorization: `Bearer ${cy.key}` },
    });
    const feedText = feed.text();
    const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/club?last=0`);
    await site.person("di").told("moderation.see", { room: "club" });

    await ada.act("club", { kind: "ban", identity: await cy.identity(), forMs: null });
    assert.equal((await cy.publish("club", "too late"))?.code, "forbidden");
    const bySocket = await peer.find("unsubscribed");
    assert.deepEqual(
      [bySocket.code, /banned from this room/.test(bySocket.message ?? "")],
      ["forbidden", true],
    );
    for (;;) {
      const frame = await stream.frames.next();
      if (frame.type !== "unsubscribed") continue;
      assert.equal(frame.code, "forbidden");
      break;
    }
    const polled = (await answerFrames(await waiting)).map(({ type }) => type);
    assert.ok(polled.includes("unsubscribed") || polled.includes("error"), polled.join());
    assert.match(await feedText, /banned from this room/);

    // Who brings no key is somebody new to a ban, and a stranger to a room that is open to links only.
    await ada.act("club", { kind: "mode", mode: "link-only" });
    for (;;) {
      const { error } = (await plain.json()) as { error?: { code: string } };
      if (error === undefined) continue;
      assert.equal(error.code, "forbidden");
      break;
    }
    const again = await postFrames(`${origin}/connect/poll?wait=0`, [hello, subscribe]);
    assert.deepEqual(
      (await answerFrames(again)).map((frame) => ("code" in frame ? frame.code : frame.type)),
      ["welcome", "forbidden"],
    );
  });

  test("[MOD-25] is told to every page that listens, as is each other act, when asking gives the new answer", async (t) => {
    const site = await Site.open(t);
    const port = Number(new URL(site.origin).port);
    const [ada, cy] = [site.person("ada"), site.person("cy")];
    const peer = await Peer.join(t, port, { key: cy.key });
    await peer.subscribe("club", { signals: true });
    let seen = 0;
    const nudged = async (): Promise<void> => {
      const { from, body } = await peer.find("signal");
      const { moderation } = body as { moderation: number };
      assert.ok(from === "@server" && moderation > seen, "each is of something newer");
      seen = moderation;
    };
    const mayPublish = async (): Promise<true | string> =>
      (await cy.told<{ mayPublish: true | string }>("moderation.see", { room: "club" })).mayPublish;

    await ada.told("moderation.claim", { room: "club" });
    await nudged();
    await ada.act("club", { kind: "mode", mode: "read-only" });
    await nudged();
    assert.equal(typeof (await mayPublish()), "string");
    const { link } = await ada.act("club", { kind: "link", right: "poster", forMs: null });
    await nudged();
    await cy.told("moderation.accept", { link: link?.token });
    await nudged();
    assert.equal(await mayPublish(), true);
    await ada.act("club", { kind: "revoke", link: link?.id });
    await nudged();
    assert.equal(typeof (await mayPublish()), "string");
  });

  test("[MOD-25] is told in each room that somebody has open where it holds in all of them", async (t) => {
    const site = await Site.open(t);
    const port = Number(new URL(site.origin).port);
    const cy = site.person("cy");
    const identity = await cy.identity();
    const peers = await Promise.all(
      ["club", "den"].map(async (room) => {
        const peer = await Peer.join(t, port, { key: cy.key });
        await peer.subscribe(room, { signals: true });
        return { room, peer };
      }),
    );
    for (const [i, kind] of ["mute", "unmute"].entries()) {
      const act = kind === "mute" ? { kind, identity, forMs: null } : { kind, identity };
      await site.moderation.asOperator.act("@*", `act-everywhere-${i}`, act);
      for (const { room, peer } of peers) {
        assert.equal((await peer.find("signal")).room, room);
        const { mayPublish } = await cy.told<{ mayPublish: true | string }>("moderation.see", { room });
        assert.equal(mayPublish === true, kind === "unmute");
      }
    }
  });
});
