import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { until } from "@parlor/testkit";
import { ParlorClient } from "../src/index.ts";
import { Hub } from "../src/tabs/hub.ts";
import type { HubPort } from "../src/tabs/words.ts";
import { RealServer } from "./real-server.ts";
import { KEY } from "./tab-client.ts";

const PATIENCE_MS = 20_000;

/** What a hub has that can't load what reads a room: another release was deployed. */
class PartlessClient extends ParlorClient {
  override room(name: string): never {
    const messages = async function* (): AsyncGenerator<never> {
      yield await Promise.reject(new TypeError("Failed to fetch dynamically imported module"));
    };
    return Object.assign(super.room(name), { messages }) as never;
  }
}

describe("a hub that lacks a part", { timeout: 60_000 }, () => {
  test("[TABS-14] that reads rooms lets the tab go, which has a connection of its own then", async (t) => {
    const server = await new RealServer(t).start();
    const hub = new Hub((base, { key }) => new PartlessClient(base, { key, transports: ["websocket"] }));
    t.after(() => hub.close());
    const kinds: string[] = [];
    const port: HubPort = { post: ({ kind }) => void kinds.push(kind) };
    const hello = JSON.stringify({ type: "hello", key: KEY, producer: "producer-1" });
    const question = JSON.stringify({ type: "subscribe", room: "lobby", after: 0 });
    const of = { version: 1, connection: 1 };
    hub.take(port, { ...of, kind: "open", base: server.url, opening: [hello, question], isHidden: false });
    assert.ok(await until(() => kinds.includes("declined"), PATIENCE_MS));
    assert.deepEqual(
      kinds.filter((kind) => kind !== "text"),
      ["here", "declined"],
    );
  });
});
