import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ServerFrame } from "@parlor/protocol";
import { FakeClock, RawSocketPeer } from "@parlor/testkit";
import {
  exchange,
  frameBody,
  helloFrame,
  messagesIn,
  named,
  NDJSON,
  postFrames,
  publishFrame,
  StreamReader,
} from "./support/exchange.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertAnswers } from "./support/rest.ts";
import { turns } from "./support/turns.ts";

describe("the hello of every request", () => {
  for (const path of ["send", "stream", "poll?wait=0"]) {
    test(`[SEND-6] one that is missing or wrong is the status of its code, and nothing is done: /connect/${path}`, async (t) => {
      const { origin, log } = await startParlor(t, { maxProfileBytes: 64 });
      const url = `${origin}/connect/${path}`;
      const rest = [publishFrame("lobby", 1), { type: "subscribe", room: "lobby" }];
      const cases: [object | string, number, string][] = [
        ["", 400, "hello-first"],
        ["{", 400, "bad-frame"],
        ["[]", 400, "bad-frame"],
        [{ type: "hello" }, 400, "bad-frame"],
        [helloFrame({ key: undefined }), 400, "bad-frame"],
        [helloFrame({ producer: "x" }), 400, "bad-frame"],
        [helloFrame({ version: 2 }), 400, "version"],
        [helloFrame({ profile: { name: "x".repeat(64) } }), 413, "too-large"],
      ];
      for (const [hello, status, code] of cases) {
        const frames = hello === "" ? rest : [hello, ...rest];
        await assertAnswers(await postFrames(url, frames), status, code);
      }
      await assertAnswers(await postFrames(url, []), 400, "hello-first");
      await assertAnswers(await postFrames(url, ["\n \n\r\n"]), 400, "hello-first");
      assert.equal((await log.head("lobby")).head, 0);
    });

    test(`[SEND-7] who is not let in is told so by status: 401, 403, and 500 where the hook fails: /connect/${path}`, async (t) => {
      const refusals = { none: "unauthenticated", old: "expired", banned: "forbidden" } as const;
      const { origin } = await startParlor(t, {
        authenticate: async ({ token }) => {
          await turns(2);
          if (token === "broken") throw new Error("the secret of the database");
          const code = refusals[(token ?? "none") as keyof typeof refusals];
          return code === undefined ? { identity: `${token}` } : { code, message: "Not you, that is." };
        },
      });
      const url = `${origin}/connect/${path}`;
      const knock = (token?: string): Promise<Response> =>
        postFrames(url, [helloFrame({ key: undefined, ...(token === undefined ? {} : { token }) })]);
      await assertAnswers(await knock(), 401, "unauthenticated");
      await assertAnswers(await knock("old"), 401, "expired");
      await assertAnswers(await knock("banned"), 403, "forbidden");
      await assertAnswers(await knock("broken"), 500, "internal");
      const good = await knock("ada");
      assert.equal(good.status, 200);
      await good.body?.cancel();
    });
  }
});

describe("a hello that is judged slowly", () => {
  for (const path of ["send", "stream", "poll?wait=0"]) {
    test(`[HELLO-76] is in time however long the hook takes, and refused where it never answers: /connect/${path}`, async (t) => {
      const clock = new FakeClock();
      let tookMs = 9_000;
      const asked: (() => void)[] = [];
      const { origin } = await startParlor(t, {
        clock,
        heartbeatMs: 1_000,
        authenticate: async () => {
          asked.shift()?.();
          await new Promise<void>((resolve) => clock.after(tookMs, resolve));
          return { identity: "ada" };
        },
      });
      const knock = async (): Promise<Response> => {
        const isAsked = new Promise<void>((resolve) => asked.push(resolve));
        const answer = postFrames(`${origin}/connect/${path}`, [helloFrame()]);
        await isAsked;
        for (let ms = 0; ms < 11_000; ms += 250) await clock.advanceAsync(250);
        return answer;
      };
      const good = await knock();
      assert.equal(good.status, 200);
      await good.body?.cancel();
      tookMs = 60_000;
      await assertAnswers(await knock(), 500, "internal");
    });
  }
});

describe("the body of every request", () => {
  for (const path of ["send", "stream", "poll?wait=0"]) {
    test(`[SEND-8] only POST, only JSON types, only UTF-8, at most a mebibyte, whatever the rest is: /connect/${path} (B40, B41)`, async (t) => {
      const { origin, port } = await startParlor(t);
      const url = `${origin}/connect/${path}`;
      for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
        const response = await fetch(url, { method });
        assert.equal(response.status, 405, method);
        assert.equal(response.headers.get("allow"), "POST");
      }
      const body = frameBody([helloFrame()]);
      for (const type of [
        "text/plain",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "",
      ]) {
        const response = await fetch(url, { method: "POST", headers: { "content-type": type }, body });
        await assertAnswers(response, 415, "bad-frame");
      }
      const json = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      assert.equal(json.status, 200);
      await json.body?.cancel();
      const broken = Buffer.concat([Buffer.from(body), Buffer.from([0x0a, 0xff, 0xfe])]);
      await assertAnswers(
        await fetch(url, { method: "POST", headers: NDJSON, body: broken }),
        400,
        "bad-frame",
      );
      const large = await fetch(url, {
        method: "POST",
        headers: NDJSON,
        body: `${body}\n${" ".repeat(2 ** 20)}`,
      });
      await assertAnswers(large, 413, "too-large");
      // Announced, and never sent: it is answered at once.
      using announced = await RawSocketPeer.connect({ port });
      announced.write(
        `POST /connect/${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n`,
      );
      assert.equal((await announced.readResponse()).status, 413);
    });
  }

  test("[SEND-9] a mebibyte of line breaks, of single letters, of nesting: each is answered, and soon (B37, B40)", async (t) => {
    const { origin, parlor } = await startParlor(t);
    const startedMs = performance.now();
    const size = 2 ** 20 - 200;
    assert.deepEqual(await exchange(origin, "send", helloFrame(), "\n".repeat(size)), []);
    const letters = await exchange(
      origin,
      "send",
      helloFrame(),
      "x\n".repeat(size / 2),
      publishFrame("lobby", 1),
    );
    assert.ok(letters.length <= 20_001, `${letters.length} answers`);
    assert.deepEqual(letters.slice(0, 2).map(named), ["error bad-frame", "error bad-frame"]);
    assert.equal(named(letters.at(-1) as ServerFrame), "error too-large");
    for (const text of [
      "[".repeat(size),
      `{"type":"publish","room":"${"x".repeat(size - 100)}","seq":1,"body":1}`,
    ]) {
      const [answer] = await exchange(origin, "send", helloFrame(), text);
      assert.ok(answer?.type === "error" || answer?.type === "refused", JSON.stringify(answer).slice(0, 100));
    }
    const down = await exchange(origin, "poll?wait=0", helloFrame(), "x\n".repeat(size / 2));
    assert.ok(down.length <= 401, `${down.length} answers`);
    assert.ok(performance.now() - startedMs < 5_000, "none of them took its time");
    assert.equal((await parlor.room("lobby").read()).messages.length, 0);
  });
});

describe("what is said", () => {
  test("[FRAME-50] [FRAME-51] comes back as the value that was sent, over each of the ways (B37, B44)", async (t) => {
    const { origin } = await startParlor(t);
    const texts = [
      '"\\u0000\\r\\n\\r\\ndata: forged\\n\\n"',
      '"\u2028\u2029\u0085"',
      '"\\ud800 alone"',
      '"cafe\u0301 and caf\u00e9"',
      '{"__proto__":{"polluted":true},"constructor":1}',
      '{"twice":1,"twice":2}',
      "[9007199254740993,1e-400,-0]",
      `${"[".repeat(90)}1${"]".repeat(90)}`,
    ];
    const asked = texts.map((body, i) => `{"type":"publish","room":"lobby","seq":${i + 1},"body":${body}}\r`);
    const answers = await exchange(origin, "send", helloFrame(), ...asked);
    assert.deepEqual(
      answers.map(({ type }) => type),
      texts.map(() => "ack"),
    );
    const opening = [helloFrame(), { type: "subscribe", room: "lobby", after: 0 }];
    const [, polled] = await exchange(origin, "poll", ...opening);
    const stream = await StreamReader.open(t, origin, opening);
    await stream.next("welcome");
    await stream.next("subscribed");
    for (const frame of [polled, await stream.next("messages")]) {
      assert.deepEqual(
        messagesIn(frame === undefined ? [] : [frame]).map(({ body }) => JSON.stringify(body)),
        texts.map((text) => JSON.stringify(JSON.parse(text))),
      );
    }
  });
});
