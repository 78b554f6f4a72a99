import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Authenticate, Authorize } from "@parlor/server";
import { until } from "@parlor/testkit";
import type { TransportKind } from "../src/index.ts";
import { collect, connect, RealServer, stateOf } from "./real-server.ts";

const PATIENCE_MS = 20_000;
const KINDS: readonly TransportKind[] = ["websocket", "stream", "poll"];

/** Whoever it is, each token is good for a moment; the server notes which it was shown. */
class Tokens {
  readonly shown = new Set<string>();
  /** What the next tokens are; the last one stays. */
  readonly next: (string | Error)[] = [];
  lastsMs = 1_500;
  #issued = 0;

  /** What the application's callback gives. */
  readonly give = (): string => {
    const next = this.next.shift();
    if (next instanceof Error) throw next;
    this.#issued += 1;
    return next ?? `ada:${this.#issued}`;
  };

  readonly authenticate: Authenticate = ({ token }) => {
    if (token === null || token === "bad") return { code: "unauthenticated", message: "Log in again." };
    this.shown.add(token);
    const [identity = ""] = token.split(":");
    return { identity, expiresAt: Date.now() + this.lastsMs };
  };
}

describe("tokens of a client", () => {
  for (const kind of KINDS) {
    test(`[CLIENT-90] over ${kind} one is renewed before its end, again and again, on the connection that there is`, async (t) => {
      const tokens = new Tokens();
      const server = await new RealServer(t).start({ authenticate: tokens.authenticate });
      const client = connect(t, server.url, { transports: [kind], token: tokens.give });
      const room = client.room("lobby");
      const seen = collect(room);
      room.subscribe();
      await stateOf(client, "open");
      const states: string[] = [];
      client.on("state", (state) => states.push(state.kind));
      assert.ok(await until(() => tokens.shown.size >= 4, PATIENCE_MS), `${tokens.shown.size} were shown`);
      await room.publish("still here");
      await seen.until(1);
      assert.deepEqual(states, [], "it is the same connection");
    });

    test(`[CLIENT-93] over ${kind} a room in which somebody always speaks does not put the renewal off`, async (t) => {
      const shown = new Set<string>();
      const server = await new RealServer(t).start({
        authenticate: ({ token }) => {
          shown.add(token ?? "");
          return { identity: "ada", expiresAt: Number(token) };
        },
      });
      // A real one comes from afar.
      const token = async (): Promise<string> => {
        await wait(100);
        return String(Date.now() + 2_000);
      };
      const client = connect(t, server.url, { transports: [kind], token });
      const room = client.room("lobby");
      const states: string[] = [];
      client.on("state", (state) => states.push(state.kind));
      room.on("messages", () => void server.parlor.room("lobby").publish("and on"));
      room.subscribe();
      await stateOf(client, "open");
      await server.parlor.room("lobby").publish("begin");
      assert.ok(await until(() => shown.size >= 4 || client.state.kind === "closed", PATIENCE_MS));
      assert.deepEqual(states, ["connecting", "open"], "it is the same connection");
    });

    test(`[CLIENT-91] over ${kind} the end of a token that is not renewed, and one that is refused, end the client in the server's words`, async (t) => {
      for (const [next, code, words] of [
        [new Error("The session server is away."), "expired", /time is over/],
        ["bad", "unauthenticated", /Log in again/],
      ] as const) {
        const tokens = new Tokens();
        tokens.next.push("ada:0", ...Array.from({ length: 50 }, () => next));
        const server = await new RealServer(t).start({ authenticate: tokens.authenticate });
        const client = connect(t, server.url, { transports: [kind], token: tokens.give, random: () => 0.5 });
        client.room("lobby").subscribe();
        await stateOf(client, "open");
        const closed = await stateOf(client, "closed");
        assert.equal(closed.code, code);
        assert.match(closed.message, words);
        await server.stop();
      }
    });

    test(`[CLIENT-92] over ${kind} a right that a fresh token does not bring is withdrawn in words, and the rest goes on`, async (t) => {
      const tokens = new Tokens();
      const authorize: Authorize = ({ room, action }) =>
        room === "staff" && action === "subscribe" && tokens.shown.size > 1
          ? { code: "forbidden", message: "You are no longer on the staff." }
          : true;
      const server = await new RealServer(t).start({ authenticate: tokens.authenticate, authorize });
      const client = connect(t, server.url, { transports: [kind], token: tokens.give });
      const ended = new Promise<{ readonly code: string; readonly message: string }>((resolve) => {
        client.room("staff").on("unsubscribed", resolve);
      });
      const lobby = client.room("lobby");
      const seen = collect(lobby);
      for (const room of [client.room("staff"), lobby]) room.subscribe();
      const { code, message } = await ended;
      assert.deepEqual([code, message], ["forbidden", "You are no longer on the staff."]);
      await lobby.publish("goes on");
      await seen.until(1);
      assert.equal(client.state.kind, "open");
    });
  }
});
