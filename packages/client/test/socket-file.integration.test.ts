import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { blocksUpgrades, buffersResponses, startProxy } from "@parlor/testkit";
import { buildSocket, MEMBER_NAMES } from "../build-socket.ts";
import type * as Sources from "../src/parlor-socket/index.ts";
import { RealServer } from "./real-server.ts";

/** The file for pages without a bundler, gzipped, bytes. */
const MAX_FILE_BYTES = 14_336;

const FOLDER = join(import.meta.dirname, "../..");

/** What others than the client meet: the frames, and what a page hands to a socket. */
const MET: readonly (readonly [file: string, ...interfaces: string[]])[] = [
  ["protocol/src/client-frames.ts"],
  ["protocol/src/server-frames.ts"],
  ["protocol/src/position.ts"],
  ["protocol/src/limits.ts"],
  ["base/src/clock.ts", "Clock"],
  ["client/src/wake.ts", "WakeSource"],
  ["client/src/key-storage.ts", "KeyStorage"],
  ["client/src/core-options.ts", "CoreOptions"],
  ["client/src/parlor-socket/parlor-socket.ts", "ParlorSocketOptions", "ResumingEvents"],
];

async function load(t: TestContext): Promise<typeof Sources> {
  const folder = mkdtempSync(join(tmpdir(), "parlor-socket-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = buildSocket(join(folder, "socket.mjs"));
  for (const { path, contents } of files) writeFileSync(path, contents);
  const file = files.find(({ path }) => path.endsWith(".mjs"));
  const map = files.find(({ path }) => path.endsWith(".map"));
  assert.ok(file !== undefined && map !== undefined);
  const { names } = JSON.parse(map.contents) as { readonly names: readonly string[] };
  assert.deepEqual([file.contents.includes("breakOff"), names.includes("breakOff")], [false, true]);
  const bytes = gzipSync(file.contents, { level: 9 }).length;
  t.diagnostic(`gzipped: ${bytes} bytes`);
  assert.ok(bytes <= MAX_FILE_BYTES, `${bytes} bytes`);
  return (await import(pathToFileURL(file.path).href)) as typeof Sources;
}

/** Fulfils with the data of the next message that has texts. */
function nextTexts(socket: Sources.ParlorSocket): Promise<readonly string[]> {
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      const { messages } = JSON.parse(data as string) as { readonly messages: readonly string[] };
      if (messages.length > 0) resolve(messages);
    };
  });
}

test("[PSOCKET-10] one file for pages without a bundler is small, and says, hears and comes back over every transport", async (t) => {
  const { ParlorSocket } = await load(t);
  const server = await new RealServer(t).start();
  const faults = { websocket: [], stream: [blocksUpgrades()], poll: [blocksUpgrades(), buffersResponses()] };
  for (const [transport, each] of Object.entries(faults)) {
    const proxy = await startProxy({ upstreamPort: server.port, faults: each });
    t.after(() => proxy.close());
    const url = `ws://127.0.0.1:${proxy.port}/rooms/${transport}`;
    const socket = new ParlorSocket(url, [], { resume: [new URL(url).origin], random: () => 0.02 });
    t.after(() => socket.close());
    await new Promise((resolve) => (socket.onopen = resolve));
    const before = nextTexts(socket);
    socket.send("before");
    assert.deepEqual(await before, ["before"]);

    const interrupted = new Promise((resolve) => socket.addEventListener("interrupted", resolve));
    const resumed = new Promise<CustomEvent<{ readonly transport: string }>>((resolve) =>
      socket.addEventListener("resumed", resolve),
    );
    await server.stop();
    await interrupted;
    const after = nextTexts(socket);
    socket.send("meanwhile");
    await server.start();
    assert.equal((await resumed).detail.transport, transport);
    assert.deepEqual(await after, ["meanwhile"]);
    assert.deepEqual(await server.bodies(transport), ["before", "meanwhile"]);
    const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve));
    socket.close(3001, "enough");
    const { code, reason, wasClean } = await closed;
    assert.deepEqual([code, reason, wasClean], [3001, "enough", true]);
  }
});

test("[PSOCKET-10] what it calls otherwise than the sources do, nobody else meets", () => {
  for (const [path, ...interfaces] of MET) {
    const text = readFileSync(join(FOLDER, path), "utf8");
    const bodies = interfaces.map((name) => text.split(`export interface ${name} {`)[1]?.split("\n}\n")[0]);
    const members = (interfaces.length > 0 ? bodies.join("\n") : text).matchAll(
      /^\s+(?:readonly )?(\w+)\??[(:]/gm,
    );
    const met = new Set([...members].map(([, name]) => name));
    assert.ok(met.size > 0, path);
    assert.deepEqual(
      Object.keys(MEMBER_NAMES).filter((name) => met.has(name)),
      [],
      path,
    );
  }
});
