import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { type Authorize, copyFiles, Files, Parlor } from "@parlor/server";
import { MemoryLog } from "@parlor/log";
import { identityFromKey } from "../src/session/identity.ts";
import { freshKey } from "./support/peer.ts";
import { startFileSite, Uploader } from "./support/file-site.ts";
import { assertAnswers } from "./support/rest.ts";

const key = freshKey();

/** The room is the key's, until it is taken from it. */
function ownRoom(): { readonly authorize: Authorize; isOpen: boolean } {
  const authorize: Authorize = ({ room, identity }) =>
    room === "lobby" || (state.isOpen && identity === identityFromKey(key));
  const state = { isOpen: true, authorize };
  return state;
}

async function passOf(url: string, room: string, by: string | null): Promise<Record<string, unknown>> {
  const headers = by === null ? {} : { authorization: `Bearer ${by}` };
  const response = await fetch(`${url}rooms/${room}/files`, { headers });
  assert.equal(response.headers.get("cache-control"), "no-store");
  return (await response.json()) as Record<string, unknown>;
}

describe("passes to files", () => {
  test("[FILE-11] who may read a room gets its files by the address alone, in every process, while they may and the pass holds (B55)", async (t) => {
    const state = ownRoom();
    const clock = new FakeClock();
    const told: string[] = [];
    const tell = (sentence: string, fields?: object): void =>
      void told.push(sentence + JSON.stringify(fields));
    const logger = { info: tell, warn: tell, error: tell };
    const site = await startFileSite(t, { authorize: state.authorize, events: true, logger }, {}, clock);
    const { url } = site;
    const [ada, nobody] = [new Uploader(url, key), new Uploader(url)];
    const { hash } = await ada.upload("library", "0123456789");
    const { pass, until } = await passOf(url, "library", key);
    assert.ok(typeof pass === "string" && typeof until === "number" && until <= clock.now() + 7_200_000);
    assert.ok(!pass.includes(key));
    await assertAnswers(await nobody.get("library", hash), 403, "forbidden");
    // Each time it is the other process.
    for (const range of ["bytes=0-3", "bytes=4-9"]) {
      const part = await nobody.get("library", hash, { range }, `?name=a.txt&pass=${pass}`);
      assert.deepEqual([part.status, await part.text()], [206, range === "bytes=0-3" ? "0123" : "456789"]);
      assert.equal(part.headers.get("referrer-policy"), "no-referrer");
    }
    // It is of this room alone, and of files alone.
    const { hash: other } = await ada.upload("attic", "in the attic");
    await assertAnswers(await nobody.get("attic", other, {}, `?pass=${pass}`), 403, "forbidden");
    await assertAnswers(await fetch(`${url}rooms/library/messages?pass=${pass}`), 403, "forbidden");
    await assertAnswers(
      await nobody.get("library", hash, {}, `?pass=${pass.slice(0, -1)}`),
      403,
      "forbidden",
    );
    await assertAnswers(await nobody.get("library", hash, {}, "?pass="), 403, "forbidden");
    // What its holder may is asked each time.
    state.isOpen = false;
    await assertAnswers(await nobody.get("library", hash, {}, `?pass=${pass}`), 403, "forbidden");
    state.isOpen = true;
    clock.advance(until - clock.now() - 1);
    assert.equal((await nobody.get("library", hash, {}, `?pass=${pass}`)).status, 200);
    clock.advance(1);
    await assertAnswers(await nobody.get("library", hash, {}, `?pass=${pass}`), 403, "forbidden");
    assert.ok(told.length > 0 && !told.some((line) => line.includes(pass)), told.join("\n"));
  });

  test("[FILE-11] (B55) a room for everybody needs none, one that may not be read gives none", async (t) => {
    const { url } = await startFileSite(t, { authorize: ownRoom().authorize });
    assert.deepEqual(await passOf(url, "lobby", null), { pass: null });
    assert.deepEqual(await passOf(url, "lobby", key), { pass: null });
    const eve = { authorization: `Bearer ${freshKey()}` };
    await assertAnswers(await fetch(`${url}rooms/library/files`, { headers: eve }), 403, "forbidden");
    await assertAnswers(await fetch(`${url}rooms/library/files`), 403, "forbidden");
  });

  test("[FILE-11] it holds after a restart, not beyond its holder's token, and for nothing in a restored copy", async (t) => {
    const { folder, url } = await startFileSite(t, { authorize: ownRoom().authorize });
    const { hash } = await new Uploader(url, key).upload("library", "kept");
    const { pass } = await passOf(url, "library", key);
    const copy = join(folder, "copy");
    await copyFiles(folder, copy, () => undefined);
    const expiresAt = Date.now() + 60_000;
    const serve = async (where: string): Promise<string> => {
      const log = new MemoryLog();
      const files = await Files.open({ folder: where, collects: false });
      const parlor = new Parlor({
        log,
        files,
        authorize: ownRoom().authorize,
        authenticate: ({ token }) =>
          token === key
            ? { identity: identityFromKey(key), expiresAt }
            : { code: "unauthenticated", message: "No." },
      });
      t.after(async () => {
        await parlor.close();
        await files.close();
        await log.close();
      });
      return (await parlor.listen({ port: 0 })).url;
    };
    const again = await serve(folder);
    const got = await new Uploader(again).get("library", hash, {}, `?pass=${String(pass)}`);
    assert.equal(await got.text(), "kept");
    assert.equal((await passOf(again, "library", key))["until"], expiresAt);
    const restored = await serve(copy);
    const refused = await new Uploader(restored).get("library", hash, {}, `?pass=${String(pass)}`);
    await assertAnswers(refused, 403, "forbidden");
    const { pass: next } = await passOf(restored, "library", key);
    assert.equal(
      (await new Uploader(restored).get("library", hash, {}, `?pass=${String(next)}`)).status,
      200,
    );
  });
});
