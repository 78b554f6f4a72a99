import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, RawSocketPeer } from "@parlor/testkit";
import { exchange, frameBody, helloFrame } from "./support/exchange.ts";
import { startParlor } from "./support/parlor-server.ts";

/** More than the kernels of both ends take by themselves. */
const LARGE_BYTES = 15 * 2 ** 20;

describe("answers that nobody takes", () => {
  const body = frameBody([helloFrame(), { type: "subscribe", room: "lobby", last: 1 }]);
  const requests = {
    "a page of history": "GET /rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a poll":
      "POST /connect/poll?wait=0 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  };
  for (const [what, request] of Object.entries(requests)) {
    test(`[GROW-66] ${what} is cut after two heartbeats in which nothing of it was taken, and not before`, async (t) => {
      const clock = new FakeClock();
      const { parlor, port, origin } = await startParlor(t, {
        clock,
        heartbeatMs: 10_000,
        maxBodyBytes: LARGE_BYTES + 2,
      });
      await parlor.room("lobby").publish("x".repeat(LARGE_BYTES));
      const slowCloses = async (): Promise<number> => {
        const text = await (await fetch(`${origin}/metrics`)).text();
        return Number(/^parlor_slow_closes_total (\d+)$/m.exec(text)?.[1]);
      };

      using stuck = await RawSocketPeer.connect({ port });
      stuck.write(request);
      await stuck.readResponse();
      stuck.pause();
      await clock.advanceAsync(15_000);
      assert.equal(await slowCloses(), 0);
      await clock.advanceAsync(10_000);
      assert.equal(await slowCloses(), 1);
      stuck.resume();
      await stuck.closed();

      using slow = await RawSocketPeer.connect({ port });
      slow.write(request);
      const { headers } = await slow.readResponse();
      const length = Number(headers.get("content-length"));
      let taken = 0;
      // A piece now and then is life, however long the whole takes.
      while (taken < length) {
        slow.pause();
        await clock.advanceAsync(15_000);
        slow.resume();
        taken += (await slow.readBytes(Math.min(length - taken, 2 ** 22))).length;
      }
      assert.equal(await slowCloses(), 1);
      await exchange(origin, "send", helloFrame());
    });
  }
});
