import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { FakeClock, until } from "@parlor/testkit";
import { blobPath, startFileSite, Uploader } from "./support/file-site.ts";
import { freshKey, Peer } from "./support/peer.ts";
import { within } from "./support/within.ts";

const HOUR_MS = 3_600_000;
const isDeletion = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "delete" in body && body.delete === true;

describe("files and their messages", () => {
  test("[FILE-20] a file is gone when the deletion of its message is answered, and not before its last message is", async (t) => {
    const { url, port, stored, parlor } = await startFileSite(t, { erases: isDeletion });
    const key = freshKey();
    const ada = new Uploader(url, key);
    const peer = await Peer.join(t, port, { key });
    const eve = await Peer.join(t, port, { key: freshKey() });
    let seq = 0;
    const say = async (who: Peer, body: unknown, re?: number): Promise<number> => {
      seq += 1;
      who.send({
        type: "publish",
        room: "lobby",
        seq,
        afterSeq: 0,
        body,
        ...(re === undefined ? {} : { re }),
      });
      return (await who.next("ack")).offset as number;
    };
    const one = await ada.upload("lobby", "one");
    const two = await ada.upload("lobby", "two");
    const first = await say(peer, { text: "", files: [one, two] });
    const second = await say(peer, { text: "again", files: [one] });
    await say(eve, { delete: true }, first);
    assert.deepEqual(await stored(), [blobPath("one"), blobPath("two")].sort(), "another one's deletion");
    await say(peer, { delete: true }, first);
    assert.deepEqual(await stored(), [blobPath("one")]);
    assert.equal((await ada.get("lobby", two.hash)).status, 404);
    // What was uploaded again and not said yet stays for its message.
    await ada.upload("lobby", "one");
    await say(peer, { delete: true }, second);
    assert.equal(await (await ada.get("lobby", one.hash)).text(), "one");
    const third = await say(peer, { text: "", files: [one] });
    assert.equal(await parlor.room("lobby").redact(third), true);
    assert.deepEqual(await stored(), []);
  });

  test("[FILE-3] files are sent to one address 32 at a time; the others wait for their turn, and it shows", async (t) => {
    const { url, ownPort: port } = await startFileSite(t);
    const { hash } = await new Uploader(url).upload("lobby", Buffer.alloc(20_000_000));
    const own = `http://127.0.0.1:${port}/`;
    const isPaced = async (): Promise<boolean> => {
      const text = await (await fetch(`${own}metrics`)).text();
      return /^parlor_files_paced_total [1-9]/m.test(text);
    };
    assert.equal(await isPaced(), false);
    // Nobody reads them.
    const asked = Array.from({ length: 34 }, () => connect(port, "127.0.0.1"));
    t.after(() => asked.forEach((socket) => socket.destroy()));
    for (const socket of asked) {
      socket.write(`GET /rooms/lobby/files/${hash} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
      socket.pause();
    }
    assert.ok(await until(isPaced, 20_000));
    for (const socket of asked.slice(0, 32)) socket.destroy();
    const last = asked[33] as Socket;
    last.resume();
    assert.match(String((await once(last, "data"))[0]), /^HTTP\/1.1 200/);
  });

  test("[FILE-3] whoever is gone before its file's turn came holds no place", async (t) => {
    let asking: ((verdict: boolean) => void)[] | null = null;
    const { url, ownPort: port } = await startFileSite(t, {
      authorize: ({ action }) =>
        action !== "history" || asking === null || new Promise((resolve) => asking?.push(resolve)),
    });
    const { hash } = await new Uploader(url).upload("lobby", "small");
    const own = `http://127.0.0.1:${port}/`;
    const held: ((verdict: boolean) => void)[] = (asking = []);
    const asked = Array.from({ length: 32 }, () => connect(port, "127.0.0.1"));
    t.after(() => asked.forEach((socket) => socket.destroy()));
    for (const socket of asked) {
      socket.write(`GET /rooms/lobby/files/${hash} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    }
    assert.ok(await until(() => held.length === 32, 8_000));
    const gone = asked.map((socket) => once(socket, "close"));
    for (const socket of asked) socket.resetAndDestroy();
    await Promise.all(gone);
    // Answered behind the resets, which the server has heard by then.
    for (let i = 0; i < 3; i++) await (await fetch(`${own}metrics`)).text();
    for (const answer of held) answer(true);
    asking = null;
    const answer = fetch(`${own}rooms/lobby/files/${hash}`).then((response) => response.text());
    assert.equal(await within(answer, "a file that nobody else is sent"), "small");
  });

  test("[FILE-21] a room that is deleted takes its files with it; what another room has too stays there", async (t) => {
    const { url, stored, parlor } = await startFileSite(t);
    const ada = new Uploader(url, freshKey());
    const shared = await ada.upload("lobby", "shared");
    await ada.upload("other", "shared");
    const own = await ada.upload("lobby", "own");
    await ada.say("lobby", { files: [shared, own] });
    const half = await ada.begun("lobby", 8);
    await ada.add("lobby", half, 0, Buffer.from("half"));
    await parlor.room("lobby").delete();
    assert.deepEqual(await stored(), [blobPath("shared")]);
    assert.equal((await ada.get("lobby", shared.hash)).status, 404);
    assert.equal((await ada.get("other", shared.hash)).status, 200);
    await parlor.room("other").delete();
    assert.deepEqual(await stored(), []);
  });

  test("[FILE-22] what no message holds is deleted after its time, and what one holds never is", async (t) => {
    const clock = new FakeClock();
    const { url, folder, stored, collect, log, parlor } = await startFileSite(t, {}, {}, clock);
    const ada = new Uploader(url, freshKey());
    const held = await ada.upload("lobby", "held");
    await ada.say("lobby", { files: [held] });
    await ada.upload("lobby", "never said");
    const half = await ada.begun("lobby", 8);
    await ada.add("lobby", half, 0, Buffer.from("half"));
    // Its message is in the log, but whoever stored it died before it was noted.
    const unnoted = await ada.upload("lobby", "unnoted");
    await log.append({
      ...{ room: "lobby", from: "somebody", producer: "producer-1", seq: 1, afterSeq: 0 },
      ...{ bodyJson: JSON.stringify({ files: [unnoted] }), remember: false, admit: "any" },
    });
    clock.advance(23 * HOUR_MS);
    assert.equal(await collect(), 0);
    assert.equal((await stored()).length, 4);
    clock.advance(2 * HOUR_MS);
    assert.equal(await collect(), 2);
    assert.deepEqual(await stored(), [blobPath("held"), blobPath("unnoted")].sort());
    clock.advance(100 * HOUR_MS);
    assert.equal(await collect(), 0);
    assert.equal(await (await ada.get("lobby", unnoted.hash)).text(), "unnoted");
    // What a process left that died in the middle, known to nobody.
    const strays = ["parts/AAAAAAAAAAAAAAAAAAAAAA.new", "parts/BBBBBBBBBBBBBBBBBBBBBB", blobPath("stray")];
    for (const stray of strays) {
      await mkdir(join(folder, stray, ".."), { recursive: true });
      await writeFile(join(folder, stray), "stray");
      await utimes(join(folder, stray), 0, 0);
    }
    assert.equal(await collect(), 3);
    assert.equal((await stored()).length, 2);
    // What was forgotten or erased elsewhere is found out by asking the log.
    await parlor.room("lobby").trim(2);
    await log.redact("lobby", 2);
    assert.equal(await collect(), 2);
    assert.deepEqual(await stored(), []);
  });

  test("[FILE-23] while the log can't be asked nothing is deleted", async (t) => {
    const clock = new FakeClock();
    const { url, stored, collect, log } = await startFileSite(t, {}, {}, clock);
    const ada = new Uploader(url, freshKey());
    const said = await ada.upload("lobby", "said");
    await ada.say("lobby", { files: [said] });
    await ada.upload("lobby", "waits");
    clock.advance(25 * HOUR_MS);
    await log.close();
    await assert.rejects(collect(), { code: "unavailable" });
    assert.deepEqual(await stored(), [blobPath("said"), blobPath("waits")].sort());
  });
});
