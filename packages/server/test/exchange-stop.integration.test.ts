import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, RawSocketPeer } from "@parlor/testkit";
import { frameBody, helloFrame, publishFrame } from "./support/exchange.ts";
import { startParlor } from "./support/parlor-server.ts";
import { Peer } from "./support/peer.ts";
import { assertRefused, readAnswer } from "./support/raw-http.ts";
import { turns } from "./support/turns.ts";

describe("a server that stops", () => {
  const head = (path: string, length: number): string =>
    `POST /connect/${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

  for (const path of ["send", "stream", "poll"]) {
    test(`[SEND-11] refuses before the body, behind a body that came meanwhile, and while a hook judges the hello: /connect/${path}`, async (t) => {
      const clock = new FakeClock();
      let isAsked = false;
      const { origin, port, parlor, log } = await startParlor(t, {
        clock,
        authenticate: ({ token }) => {
          if (token !== "slow") return { identity: "ada" };
          isAsked = true;
          return new Promise(() => {});
        },
      });
      await Peer.join(t, port);
      const body = frameBody([helloFrame(), publishFrame("lobby", 1)]);
      const slowBody = frameBody([helloFrame({ token: "slow" }), publishFrame("lobby", 1)]);
      using halfway = await RawSocketPeer.connect({ port });
      halfway.write(head(path, body.length) + body.slice(0, 40));
      // Whoever is answered came behind it.
      await fetch(`${origin}/healthz`);
      using judged = await RawSocketPeer.connect({ port });
      judged.write(head(path, slowBody.length) + slowBody);
      while (!isAsked) await turns(1);
      void parlor.drain();
      halfway.write(body.slice(40));
      using late = await RawSocketPeer.connect({ port });
      late.write(head(path, body.length));
      for (const peer of [halfway, late]) assertRefused(await readAnswer(peer), 503, "draining");
      await clock.advanceAsync(10);
      // A send ends by itself, so it is left to its hook's deadline.
      if (path === "send") await clock.advanceAsync(10_000);
      else assertRefused(await readAnswer(judged), 503, "draining");
      assert.equal((await log.head("lobby")).head, 0);
    });
  }
});
