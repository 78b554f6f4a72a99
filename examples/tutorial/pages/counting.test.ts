import assert from "node:assert/strict";
import { describe, test } from "node:test";

/** What the tests use of the page's modules, which have no types where Node's tests run. */
interface Tally {
  requests: number;
  bytes: number;
  readonly latencies: readonly { at: number; ms: number }[];
  readonly lastMs: number | null;
  readonly medianMs: number | null;
  request(): void;
  moved(bytes: number, now: number): void;
  expect(text: string, now: number): void;
  shown(text: string, now: number): void;
  bytesPerSecond(now: number): number[];
  reset(): void;
}

interface WireBytes {
  utf8Bytes(text: string): number;
  frameBytes(text: string, direction: "sent" | "received"): number;
  eventBytes(id: string, data: string): number;
  requestHeadBytes(method: string, url: URL, headers: Record<string, string>, browser: object): number;
}

async function pageModule<T>(name: string): Promise<T> {
  return (await import(new URL(name, import.meta.url).href)) as T;
}

const { Tally } = await pageModule<{ Tally: new () => Tally }>("tally.js");
const wire = await pageModule<WireBytes>("wire-bytes.js");
const { shownText } = await pageModule<{ shownText: (message: object) => string | null }>("shown-text.js");
const { barsPath, dotsPath } = await pageModule<{
  barsPath: (values: readonly number[], max: number) => string;
  dotsPath: (latencies: readonly { at: number; ms: number }[], now: number) => string;
}>("chart.js");

describe("Tally", () => {
  test("[TUTOR-4] times only what this page sent, equal texts in the order they were sent", () => {
    const tally = new Tally();
    tally.shown("hi", 5);
    assert.equal(tally.lastMs, null);
    tally.expect("hi", 100);
    tally.expect("hi", 200);
    tally.shown("hi", 250);
    tally.shown("hi", 260);
    tally.shown("hi", 270);
    assert.deepEqual(
      tally.latencies.map((each) => each.ms),
      [150, 60],
    );
    assert.equal(tally.medianMs, 60);
  });

  test("[TUTOR-4] keeps the last minute of bytes and the last 200 latencies, however long it runs", () => {
    const tally = new Tally();
    for (let second = 0; second < 500; second++) {
      tally.moved(10, second * 1000);
      tally.expect(`${second}`, second * 1000);
      tally.shown(`${second}`, second * 1000 + second);
    }
    assert.equal(tally.bytes, 5000);
    assert.deepEqual(tally.bytesPerSecond(499_500), new Array<number>(60).fill(10));
    assert.deepEqual(tally.bytesPerSecond(520_500).slice(-22), [10, ...new Array<number>(21).fill(0)]);
    assert.equal(tally.latencies.length, 200);
    assert.equal(tally.medianMs, 399);
    assert.equal(tally.lastMs, 499);
  });

  test("[TUTOR-4] counts from zero and still times what is on its way", () => {
    const tally = new Tally();
    tally.request();
    tally.moved(10, 0);
    tally.expect("a", 0);
    tally.reset();
    assert.deepEqual([tally.requests, tally.bytes, tally.lastMs], [0, 0, null]);
    tally.shown("a", 30);
    assert.equal(tally.lastMs, 30);
  });
});

describe("wire bytes", () => {
  test("[TUTOR-4] a frame has 2, 4 or 10 bytes before its text, and 4 more where a browser sent it", () => {
    assert.equal(wire.frameBytes("", "received"), 2);
    assert.equal(wire.frameBytes("é", "sent"), 8);
    assert.equal(wire.frameBytes("x".repeat(125), "received"), 127);
    assert.equal(wire.frameBytes("x".repeat(126), "received"), 130);
    assert.equal(wire.frameBytes("x".repeat(65_535), "sent"), 65_543);
    assert.equal(wire.frameBytes("x".repeat(65_536), "received"), 65_546);
  });

  test("[TUTOR-4] an event counts with its id, its ends of lines and its chunk", () => {
    // "id: e:1\ndata: hi\n\n" has 18 bytes; the chunk adds "12\r\n" and "\r\n".
    assert.equal(wire.eventBytes("e:1", "hi"), 24);
  });

  test("[TUTOR-4] a request's head holds its line, its headers and the empty line", () => {
    const browser = { userAgent: "U", language: "en", referrer: "R" };
    const url = new URL("http://h/rooms/a?after=1");
    const bare = wire.requestHeadBytes("GET", url, {}, browser);
    assert.equal(wire.requestHeadBytes("GET", url, { "X-A": "b" }, browser) - bare, "X-A: b\r\n".length);
    assert.ok(bare > "GET /rooms/a?after=1 HTTP/1.1\r\n\r\n".length);
  });
});

describe("shownText", () => {
  test("[TUTOR-5] reads a message as the plain room does", () => {
    assert.equal(shownText({ body: "hi" }), "hi");
    assert.equal(shownText({ body: { text: "hi", name: "Ada" } }), "Ada: hi");
    assert.equal(shownText({ body: { a: 1 } }), '{"a":1}');
    assert.equal(shownText({ body: null }), "null");
    assert.equal(shownText({ body: "hi", re: 3 }), null);
    assert.equal(shownText({ body: null, redacted: true }), null);
  });
});

describe("chart", () => {
  test("[TUTOR-4] draws nothing for nothing, and one part for each value that is there", () => {
    assert.equal(barsPath([0, 0], 0), "");
    assert.equal(barsPath([1, 0, 5], 5).match(/M/g)?.length, 2);
    assert.equal(dotsPath([{ at: 0, ms: 5 }], 61_000), "");
    assert.equal(
      dotsPath(
        [
          { at: 0, ms: 5 },
          { at: 60_000, ms: 1e9 },
        ],
        60_000,
      ).match(/M/g)?.length,
      2,
    );
  });
});
