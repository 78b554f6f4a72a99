import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { OperatorDoor } from "./operator-door.ts";
import { ProcessReadings } from "./process-readings.ts";
import { Counters } from "./room/counters.ts";
import type { OpenRoom } from "./server-readings.ts";
import { StatusPage } from "./status-page.ts";
import { StatusBoard, type StatusSnapshot } from "./status-snapshot.ts";

const KEY = "operator-key-of-this-test";
const JSON_ONLY = { accept: "application/json" };

function openRoom(name: string, subscriptionCount: number, liveCount: number): OpenRoom {
  return { name, subscriptionCount, liveCount, fannedOut: 41 } as unknown as OpenRoom;
}

const counters = new Counters();
const clock = new FakeClock();
const readings = new ProcessReadings(clock);
let rooms: OpenRoom[] = [openRoom("quiet", 1, 1), openRoom("secret-plans", 9, 7)];
const board = new StatusBoard(
  {
    counters,
    rooms: {
      get size() {
        return rooms.length;
      },
      open: () => rooms,
    },
    log: { status: { kind: "ready" } },
    bus: { dropped: 0 },
    readers: { all: [] },
    sendBufferBytes: () => 17,
    isDraining: () => false,
    maxConnections: 100,
    bounds: [],
    version: "1.2.3",
    worker: null,
  },
  readings,
  clock,
);

const pageWith = (operatorKey: string | null): StatusPage => {
  const door = new OperatorDoor({
    operatorKey,
    clock,
    counters,
    events: { wrongOperatorKey: () => undefined },
  });
  return new StatusPage(board, (_request, key) => door.check(key, "203.0.113.9"));
};
const pages = { keyless: pageWith(null), keyed: pageWith(KEY) };
const server = createServer((request, response) => {
  const [, which, , file] = (request.url ?? "").split("/");
  pages[which as keyof typeof pages].answer(request, response, file ?? null);
});
let base = "";

describe("the operator's figures", () => {
  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    readings.close();
    server.closeAllConnections();
    server.close();
  });

  const ask = (path: string, headers: Record<string, string> = {}) => fetch(base + path, { headers });

  async function snapshot(path: string, headers: Record<string, string> = {}): Promise<StatusSnapshot> {
    const response = await ask(path, { ...JSON_ONLY, ...headers });
    assert.equal(response.status, 200);
    return (await response.json()) as StatusSnapshot;
  }

  describe("the status page", () => {
    test("a browser gets the page, under a policy that lets nothing in from elsewhere", async () => {
      const response = await ask("/keyless/status", { accept: "text/html,application/xhtml+xml,*/*;q=0.8" });
      assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
      assert.match(response.headers.get("vary") ?? "", /Accept/);
      const policy = response.headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      const page = await response.text();
      assert.doesNotMatch(page, / style=| on[a-z]+=|<style|<script>/);
    });

    test("the page's own files are there, and nothing else is", async () => {
      const page = await (await ask("/keyless/status")).text();
      const files = [...page.matchAll(/(?:src|href)="status\/([^"]+)"/g)].map(([, file]) => file);
      assert.deepEqual(new Set(files), new Set(["icon.svg", "status.css", "status.js"]));
      for (const file of files) assert.equal((await ask(`/keyless/status/${file}`)).status, 200);
      for (const file of ["index.html", "constructor", "__proto__", "..%2findex.html", "status.ts"]) {
        assert.equal((await ask(`/keyless/status/${file}`)).status, 404, file);
      }
    });

    test("a file that the browser has is not sent again", async () => {
      const etag = (await ask("/keyless/status/status.js")).headers.get("etag") ?? "";
      assert.equal((await ask("/keyless/status/status.js", { "if-none-match": etag })).status, 304);
    });
  });

  describe("the snapshot", () => {
    test("tells what the counters say, how long it runs, and what was refused", async () => {
      counters.published = 12;
      counters.connections.websocket = 3;
      counters.refused.forbidden = 2;
      clock.advance(5_000);
      const seen = await snapshot("/keyless/status");
      assert.equal(seen.totals.published, 12);
      assert.equal(seen.connections.total, 3);
      assert.deepEqual(seen.totals.refused, { forbidden: 2 });
      assert.deepEqual(seen.subscriptions, { live: 8, catchingUp: 2 });
      assert.equal(seen.uptimeMs, 5_000);
      assert.equal(seen.state, "ready");
      assert.equal(seen.sendBufferBytes, 17);
    });

    test("who sits at the machine sees the rooms by name, the busiest first", async () => {
      const { rooms: seen } = await snapshot("/keyless/status");
      assert.equal(seen.names, "shown");
      assert.deepEqual(seen.list[0], { room: "secret-plans", subscriptions: 9, catchingUp: 2, head: 41 });
      assert.equal(seen.open, 2);
    });

    test("anybody who came through a proxy sees how many rooms there are and no name", async () => {
      for (const trace of ["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-proto"]) {
        const response = await ask("/keyless/status", { ...JSON_ONLY, [trace]: "127.0.0.1" });
        const text = await response.text();
        assert.doesNotMatch(text, /secret-plans/, trace);
        assert.deepEqual((JSON.parse(text) as StatusSnapshot).rooms, {
          open: 2,
          names: "local-only",
          list: [],
        });
      }
    });

    test("the operator's key opens the names from anywhere, and only that key", async () => {
      const afar = { "x-forwarded-for": "203.0.113.9" };
      assert.equal((await snapshot("/keyed/status", afar)).rooms.names, "key-needed");
      const open = await snapshot("/keyed/status", { ...afar, authorization: `Bearer ${KEY}` });
      assert.equal(open.rooms.names, "shown");
      assert.equal(open.rooms.list.length, 2);
      for (const wrong of ["x", `${KEY}x`, KEY.slice(1), "null", "undefined"]) {
        const { names, list } = (
          await snapshot("/keyed/status", { ...afar, authorization: `Bearer ${wrong}` })
        ).rooms;
        assert.deepEqual([names, list.length], ["key-wrong", 0]);
      }
      const keyless = await snapshot("/keyless/status", { ...afar, authorization: "Bearer null" });
      assert.equal(keyless.rooms.names, "local-only");
    });

    test("with ten thousand rooms only the busiest are listed", async () => {
      const kept = rooms;
      rooms = Array.from({ length: 10_000 }, (_, i) => openRoom(`room-${i}`, i, i));
      const { open, list } = (await snapshot("/keyless/status")).rooms;
      rooms = kept;
      assert.equal(open, 10_000);
      assert.equal(list.length, 50);
      assert.equal(list[0]?.room, "room-9999");
    });
  });
});
