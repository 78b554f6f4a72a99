import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AppendResult } from "@parlor/log";
import { MemoryLog } from "@parlor/log";
import type { Authenticate, Authorize } from "@parlor/server";
import { FakeClock } from "@parlor/testkit";
import { startAbused } from "../support/abused-server.ts";
import { EventFeedReader } from "../support/event-feed-reader.ts";
import { answerFrames, helloFrame, postFrames, StreamReader, typesOf } from "../support/exchange.ts";
import { Peer, TextSocket } from "../support/peer.ts";
import { within } from "../support/within.ts";

/** A token as {"alg":"none"} makes it, with claims that would lead a naive host elsewhere. */
function unsigned(header: object, claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(claims)}.`;
}

describe("tokens", () => {
  test("[ABUSE-32] reach the host's hook as they came, and nothing in them is believed (B38)", async (t) => {
    const seen: (string | null)[] = [];
    const authenticate: Authenticate = ({ token }) => {
      if (token === "bystander") return { identity: token };
      seen.push(token);
      return { code: "unauthenticated", message: "Its signature is missing." };
    };
    const server = await startAbused(t, { authenticate });
    const tokens = [
      unsigned({ alg: "none" }, { sub: "@server", exp: 9_999_999_999 }),
      unsigned({ alg: "HS256", kid: "../../../dev/null" }, { sub: "ada" }),
      unsigned({ alg: "RS256", jku: `${server.origin}/rooms/keys/messages` }, { iss: server.origin }),
      unsigned(
        { alg: "HS256" },
        { identity: "bystander", iss: "http://169.254.169.254", aud: "http://[::1]" },
      ),
      '{"identity":"ada"}',
      "x".repeat(8_192),
    ];
    for (const token of tokens) {
      const peer = await Peer.knock(t, server.port);
      peer.send({ type: "hello", version: 1, producer: "producer-1", token });
      const error = await peer.next("error");
      assert.deepEqual([error.code, error.message], ["unauthenticated", "Its signature is missing."]);
      assert.equal((await peer.close()).code, 4502);
      for (const init of [{}, { method: "POST", body: "1" }]) {
        const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
        const response = await fetch(`${server.origin}/rooms/lobby/messages`, { ...init, headers });
        assert.equal(response.status, 401);
        await response.body?.cancel();
      }
      assert.deepEqual(seen.splice(0), [token, token, token]);
    }
    await server.assertUnharmed();
  });

  test("[ABUSE-33] keys, tokens and what is said are in no log, no metric, no status and no refusal, whatever goes wrong (O11, O24)", async (t) => {
    class BrokenLog extends MemoryLog {
      override append(...[append]: Parameters<MemoryLog["append"]>): Promise<AppendResult> {
        if (append.room === "broken") throw new Error("no such table");
        return super.append(append);
      }
    }
    const authenticate: Authenticate = ({ token, headers }) => {
      if (token?.includes("throws") === true) throw new Error(`bad token ${token} ${headers.authorization}`);
      if (token?.includes("rejects") === true) return Promise.reject(new Error(`${token} is malformed`));
      return { identity: token === "bystander" ? token : "ada" };
    };
    const authorize: Authorize = ({ action, room, body }) => {
      if (room === "strict" && action === "publish") throw new Error(`not valid: ${JSON.stringify(body)}`);
      return room !== "closed";
    };
    const server = await startAbused(t, { authenticate, authorize, log: new BrokenLog(), maxBodyBytes: 500 });
    const { origin, port } = server;
    const refusals: string[] = [];
    const [token, body, name] = ["sEcReT-token", "sEcReT-body", "sEcReT-name"];
    const long = `sEcReT-${"throws".repeat(500)}`;
    for (const given of [token, `${token}-throws`, `${token}-rejects`, long]) {
      for (const path of ["send", "poll?wait=0", "stream"]) {
        const frames = [helloFrame({ token: given, profile: { name }, version: path === "stream" ? 2 : 1 })];
        refusals.push(await (await postFrames(`${origin}/connect/${path}`, frames)).text());
      }
      const headers = {
        authorization: `Bearer ${given}`,
        "content-type": "application/json",
        "idempotency-key": `sEcReT-${given.slice(0, 80)}`,
        cookie: "session=sEcReT-cookie",
      };
      for (const room of ["lobby", "closed", "broken", "strict"]) {
        for (const text of [
          JSON.stringify({ text: body }),
          JSON.stringify(body),
          `{"${body}`,
          `"${body.repeat(99)}"`,
        ]) {
          const post = { method: "POST", headers, body: text };
          refusals.push(await (await fetch(`${origin}/rooms/${room}/messages`, post)).text());
        }
      }
      const peer = await Peer.knock(t, port);
      peer.send({
        type: "hello",
        version: 1,
        key: "sEcReT-key".padEnd(70),
        producer: "producer-1",
        token: given,
      });
      refusals.push(JSON.stringify(await peer.next("error")));
      peer.send({
        type: "hello",
        version: 1,
        key: "sEcReT-key".padEnd(30),
        producer: "producer-1",
        token: given,
      });
      for (const room of ["closed", "broken", "strict"]) {
        peer.send({ type: "publish", room, seq: 1, body }, { type: "publish", room, seq: 2, body, re: body });
      }
      peer.send({ type: "renew", token: `${given}-throws` }, { type: body, room: "lobby" });
      refusals.push(
        given === token ? JSON.stringify(await peer.untilPong()) : JSON.stringify(await peer.any()),
      );
    }
    for (const path of ["metrics", "status", "healthz", "readyz"]) {
      refusals.push(
        await (await fetch(`${origin}/${path}`, { headers: { accept: "application/json" } })).text(),
      );
    }
    assert.ok(server.logged.length >= 8, "the faults were logged");
    for (const line of server.logged) assert.doesNotMatch(line, /sEcReT/, line);
    // A type that nobody knows is repeated to who asked, and to nobody else.
    for (const text of refusals) assert.doesNotMatch(text.replaceAll(`"to":"${body}"`, ""), /sEcReT/, text);
  });
});

describe("an identity that is logged out", () => {
  test("[ABUSE-34] hears nothing more on any of its transports, and others go on (O9, O10)", async (t) => {
    let isIn = true;
    const clock = new FakeClock();
    const endsAt = clock.now() + 60_000;
    const server = await startAbused(t, {
      clock,
      heartbeatMs: 3_600_000,
      authenticate: ({ token }) =>
        token === "ada" ? { identity: "ada", expiresAt: endsAt } : { identity: `${token}` },
      authorize: ({ identity }) => identity !== "ada" || isIn,
    });
    const { origin, port, parlor } = server;
    const headers = { authorization: "Bearer ada" };
    const subscribe = { type: "subscribe", room: "lobby" };
    const peer = await Peer.join(t, port, { token: "ada" });
    await peer.subscribe("lobby");
    const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/lobby`, [], { headers });
    const feed = await EventFeedReader.open(`${origin}/rooms/lobby/messages`, headers);
    await feed.next();
    const stream = await StreamReader.open(t, origin, [helloFrame({ token: "ada" }), subscribe]);
    await stream.next("welcome");
    await stream.next("subscribed");
    const poll = postFrames(`${origin}/connect/poll`, [helloFrame({ token: "ada" }), subscribe]);
    // The poll is there once all five are.
    const openPolls = async (): Promise<string> =>
      /parlor_connections\{transport="poll"\} (\d+)/.exec(
        await (await fetch(`${origin}/metrics`)).text(),
      )?.[1] ?? "";
    while ((await openPolls()) !== "1");
    isIn = false;
    parlor.recheck({ identity: "ada" });
    assert.equal((await peer.next("unsubscribed")).code, "forbidden");
    assert.equal((await stream.next("unsubscribed")).code, "forbidden");
    assert.equal(((await plain.json())["error"] as { code: string }).code, "forbidden");
    assert.deepEqual(typesOf(await answerFrames(await poll)).at(-1), "unsubscribed");
    assert.equal((await feed.next()).event, "refused");
    await parlor.room("lobby").publish("not for ada");
    assert.equal((await peer.errorTo('{"type":"subscribe","room":"lobby"}')).code, "forbidden");
    for (const path of ["poll?wait=0", "stream"]) {
      const response = await postFrames(`${origin}/connect/${path}`, [
        helloFrame({ token: "ada" }),
        subscribe,
      ]);
      if (path === "stream") await response.body?.cancel();
      else assert.doesNotMatch(await response.text(), /not for ada/);
    }
    assert.equal((await fetch(`${origin}/rooms/lobby/messages`, { headers })).status, 403);
    await server.assertUnharmed();
    // What is left of its connections ends with its token.
    clock.advance(61_000);
    assert.equal((await peer.next("error")).code, "expired");
    assert.equal((await peer.close()).code, 4502);
    assert.equal((await stream.next("error")).code, "expired");
    await within(stream.ended, "the end of the stream");
    for (const text of [feed.text, plain.texts.untaken.join("")]) assert.doesNotMatch(text, /not for ada/);
    feed.cut();
  });
});
