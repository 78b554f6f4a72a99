import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ParlorClient, type Message, type TransportKind } from "@parlor/client";
import { serve as serveExpress } from "./express.ts";
import { serve as serveFastify } from "./fastify.ts";
import { serve as serveHono } from "./hono.ts";

const HOSTS: readonly (readonly [name: string, serve: (port: number) => Server | Promise<Server>])[] = [
  ["Express", serveExpress],
  ["Fastify", serveFastify],
  ["Hono", serveHono],
];
const KINDS: readonly TransportKind[] = ["websocket", "stream", "poll"];
const MAX_LINES = 5;

describe("in the server that one has", () => {
  for (const [name, serve] of HOSTS) {
    test(`[HOST-1] ${name} goes on to serve its own routes, and rooms are talked in over every transport`, async (t) => {
      const server = await serve(0);
      if (!server.listening) await once(server, "listening");
      t.after(() => {
        server.closeAllConnections();
        server.close();
      });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      assert.equal(await (await fetch(`${url}hello`)).text(), `from ${name}`);
      assert.equal((await fetch(`${url}nowhere`)).status, 404);
      for (const kind of KINDS) {
        const client = new ParlorClient(url, { transports: [kind] });
        t.after(() => client.close());
        const room = client.room(kind);
        const heard = new Promise<Message>((resolve) => {
          room.on("messages", ([message]) => message !== undefined && resolve(message));
        });
        room.subscribe();
        await room.publish(`${kind} in ${name}`);
        assert.equal((await heard).body, `${kind} in ${name}`);
      }
      assert.equal(await (await fetch(`${url}hello`)).text(), `from ${name}`);
    });

    test(`[HOST-2] in ${name} it takes at most ${MAX_LINES} lines`, () => {
      const text = readFileSync(join(import.meta.dirname, `${name.toLowerCase()}.ts`), "utf8");
      const lines = text.split("\n").filter((line) => /parlor/i.test(line));
      assert.ok(lines.length >= 2 && lines.length <= MAX_LINES, lines.join("\n"));
    });
  }
});
