import assert from "node:assert/strict";
import { test } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import { startParlor } from "./support/parlor-server.ts";

test("[EVENT-1] [EVENT-2] what the host's hooks refuse, and that they failed, is told without the token, whatever they throw", async (t) => {
  const lines: string[] = [];
  const write = (message: string, fields: unknown): void =>
    void lines.push(JSON.stringify([message, fields]));
  const { port, origin } = await startParlor(t, {
    events: true,
    logger: { info: write, warn: write, error: write },
    authenticate: ({ token }) => {
      if (token === "s3cret-good") return { identity: "ada" };
      if (token === "s3cret-broken") throw new Error(`no such token: ${token}`);
      return { code: "unauthenticated", message: `Who is ${token}?` };
    },
    authorize: ({ action }) =>
      action === "publish" ? { code: "forbidden", message: "s3cret-body was not liked" } : true,
  });
  const hello = { type: "hello", version: 1, producer: "producer1" };
  for (const token of ["s3cret-bad", "s3cret-broken"]) {
    const peer = await RawSocketPeer.open({ port });
    peer.send({ ...hello, token });
    await peer.readClose();
    peer.destroy();
  }
  const peer = await RawSocketPeer.open({ port });
  peer.send({ ...hello, token: "s3cret-good" });
  await peer.readJsonWith({ type: "welcome" });
  peer.send({ type: "publish", room: "lobby", seq: 1, body: "s3cret-body" });
  await peer.readJsonWith({ type: "refused", code: "forbidden" });
  peer.destroy();
  const answer = await fetch(`${origin}/rooms/lobby/messages`, {
    headers: { authorization: "Bearer s3cret-bad" },
  });
  assert.equal(answer.status, 401);

  const events = lines.map((line) => (JSON.parse(line) as [string, Record<string, unknown> | null])[1] ?? {});
  const codesTo = (to: string): unknown[] =>
    events.filter((event) => event["event"] === "refused" && event["to"] === to).map(({ code }) => code);
  assert.deepEqual(codesTo("hello"), ["unauthenticated", "internal"]);
  assert.deepEqual(codesTo("publish"), ["forbidden"]);
  assert.deepEqual(codesTo("history"), ["unauthenticated"]);
  assert.ok(events.some((event) => event["event"] === "welcome" && event["identity"] === "ada"));
  const ends = events.filter((event) => event["event"] === "close").map(({ reason }) => reason);
  assert.ok(ends.includes("unauthenticated"), ends.join());
  assert.ok(
    lines.some((line) =>
      /The authenticate hook threw Error at .*events\.integration\.test\.ts:\d+/.test(line),
    ),
    "where it failed is told",
  );
  assert.deepEqual(
    lines.filter((line) => line.includes("s3cret")),
    [],
  );
});
