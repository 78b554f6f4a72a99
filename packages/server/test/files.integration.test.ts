import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { CodedError } from "@parlor/base";
import { type BlobStore, FolderBlobStore } from "@parlor/server";
import { blobPath, pngLike, sha256, startFileSite, Uploader } from "./support/file-site.ts";
import { assertAnswers } from "./support/rest.ts";
import { freshKey } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { temporaryFolder } from "./support/sqlite-folder.ts";
import { identityFromKey } from "../src/session/identity.ts";

describe("files of rooms", () => {
  test("[FILE-1] what is uploaded in pieces, at whichever server, is one file of its room: typed by its bytes, named by their hash", async (t) => {
    const { url, stored } = await startFileSite(t);
    const ada = new Uploader(url, freshKey());
    const image = pngLike(640, 480, "x".repeat(5_000));
    const begun = await ada.begin("lobby", image.length, { name: "a.png", type: "text/html" });
    assert.equal(begun.status, 201);
    const { upload, received } = (await begun.json()) as { upload: string; received: number };
    assert.equal(received, 0);
    assert.equal(begun.headers.get("location"), `uploads/${upload}`);
    const first = await ada.add("lobby", upload, 0, image.subarray(0, 1_000));
    assert.deepEqual([first.status, await first.json()], [200, { received: 1_000, size: image.length }]);
    const asked = await ada.progress("lobby", upload);
    assert.equal(asked.headers.get("upload-offset"), "1000");
    assert.equal(asked.headers.get("upload-complete"), "?0");
    const last = await ada.add("lobby", upload, 1_000, image.subarray(1_000));
    const file = { hash: sha256(image), type: "image/png", size: image.length, width: 640, height: 480 };
    assert.deepEqual(await last.json(), { file });
    assert.deepEqual(await stored(), [blobPath(image)]);
    // Whoever missed the answer asks again, or sends the end again.
    assert.equal((await ada.progress("lobby", upload)).headers.get("upload-complete"), "?1");
    assert.deepEqual(await (await ada.add("lobby", upload, 1_000, image.subarray(1_000))).json(), { file });
    const got = await ada.get("lobby", file.hash);
    assert.deepEqual(Buffer.from(await got.arrayBuffer()), image);
    assert.equal((await ada.upload("lobby", "")).size, 0);
  });

  test("[FILE-2] an upload that is cut goes on from what came before; what is resumed twice or brought by two at once is stored once (B53)", async (t) => {
    const { url, port, stored } = await startFileSite(t);
    const ada = new Uploader(url);
    const content = Buffer.from("0123456789".repeat(20_000));
    const upload = await ada.begun("lobby", content.length);
    await cutAfter(port, `/rooms/lobby/uploads/${upload}`, content.subarray(0, 70_000), content.length);
    let at = 0;
    while (at === 0) at = Number((await ada.progress("lobby", upload)).headers.get("upload-offset"));
    assert.ok(at > 0 && at <= 70_000, `${at} bytes were kept`);
    const rest = content.subarray(at);
    const answers = await Promise.all([1, 2, 3].map(() => ada.add("lobby", upload, at, rest)));
    const statuses = answers.map(({ status }) => status);
    assert.ok(statuses.includes(200), `${statuses.join()}`);
    assert.ok(statuses.every((status) => status === 200 || status === 409));
    const late = await ada.add("lobby", upload, 5, content.subarray(5));
    assert.deepEqual(await late.json(), {
      file: { hash: sha256(content), type: "application/octet-stream", size: content.length },
    });
    assert.deepEqual(await stored(), [blobPath(content)]);
  });

  test("[FILE-2] a request that speaks of a place where the upload is not is told where it is; more than was announced is refused", async (t) => {
    const { url, stored } = await startFileSite(t);
    const ada = new Uploader(url);
    const upload = await ada.begun("lobby", 10);
    const wrong = await ada.add("lobby", upload, 4, Buffer.from("abc"));
    assert.equal(wrong.headers.get("upload-offset"), "0");
    await assertAnswers(wrong, 409, "out-of-order");
    await assertAnswers(await ada.add("lobby", upload, 0, Buffer.from("abcdefghijk")), 413, "too-large");
    await assertAnswers(
      await ada.add("lobby", "AAAAAAAAAAAAAAAAAAAAAA", 0, Buffer.from("a")),
      404,
      "unknown-frame",
    );
    await assertAnswers(await ada.add("elsewhere", upload, 0, Buffer.from("a")), 404, "unknown-frame");
    const form = await fetch(`${url}rooms/lobby/uploads/${upload}`, {
      method: "PATCH",
      body: "text",
      headers: { "upload-offset": "0" },
    });
    await assertAnswers(form, 415, "bad-frame");
    for (const body of ['{"size":-1}', '{"size":"9"}', "[]", "{", '{"size":1.5}']) {
      const bad = await fetch(`${url}rooms/lobby/files`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      await assertAnswers(bad, 400, "bad-frame");
    }
    assert.equal((await ada.cancel("lobby", upload)).status, 204);
    await assertAnswers(await ada.cancel("lobby", upload), 404, "unknown-frame");
    assert.deepEqual(await stored(), []);
  });

  test("[FILE-2] who sends more to an upload that is finished is answered, also where it sends on and only then listens", async (t) => {
    const { url, ownPort } = await startFileSite(t);
    const ada = new Uploader(url);
    const content = Buffer.alloc(900_000, "x");
    const upload = await ada.begun("lobby", content.length);
    assert.equal((await ada.add("lobby", upload, 0, content)).status, 200);
    const socket = connect({ port: ownPort, host: "127.0.0.1", allowHalfOpen: true });
    const faults: Error[] = [];
    socket.on("error", (error) => faults.push(error)).on("end", () => socket.end());
    const closed = new Promise((resolve) => socket.on("close", resolve));
    let heard = "";
    socket.setEncoding("utf8").on("data", (text: string) => (heard += text));
    socket.write(
      `PATCH /rooms/lobby/uploads/${upload} HTTP/1.1\r\nhost: x\r\nupload-offset: 0\r\n` +
        `content-type: application/partial-upload\r\ncontent-length: ${content.length}\r\n\r\n`,
    );
    socket.write(content.subarray(0, 10));
    await once(socket, "data");
    // It has its answer, and nobody hung up on what is still to come.
    for (let at = 10; at < content.length; at += 100_000)
      await new Promise((resolve) => socket.write(content.subarray(at, at + 100_000), resolve));
    await closed;
    assert.deepEqual(faults, []);
    const [head, body] = heard.split("\r\n\r\n");
    assert.match(head ?? "", /^HTTP\/1\.1 200 [^]*connection: close/i);
    assert.equal((JSON.parse(body ?? "") as { file: { hash: string } }).file.hash, sha256(content));
  });

  test("[FILE-3] a file is sent with its type, what is asked of it, and nothing to anybody who has it", async (t) => {
    const { url } = await startFileSite(t);
    const ada = new Uploader(url);
    const image = pngLike(2, 2, "0123456789");
    const { hash } = await ada.upload("lobby", image);
    const whole = await ada.get("lobby", hash);
    assert.equal(whole.headers.get("accept-ranges"), "bytes");
    assert.match(whole.headers.get("cache-control") ?? "", /private.*immutable/);
    const part = await ada.get("lobby", hash, { range: "bytes=-10" });
    const { length } = image;
    assert.deepEqual([part.status, await part.text()], [206, "0123456789"]);
    assert.equal(part.headers.get("content-range"), `bytes ${length - 10}-${length - 1}/${length}`);
    const middle = await ada.get("lobby", hash, { range: `bytes=${length - 10}-${length - 8}` });
    assert.equal(await middle.text(), "012");
    const changed = await ada.get("lobby", hash, { range: "bytes=0-1", "if-range": '"other"' });
    assert.equal(changed.status, 200);
    await changed.arrayBuffer();
    const beyond = await ada.get("lobby", hash, { range: "bytes=9999-" });
    assert.equal(beyond.headers.get("content-range"), `bytes */${length}`);
    await assertAnswers(beyond, 416, "bad-frame");
    const etag = whole.headers.get("etag") ?? "";
    assert.equal((await ada.get("lobby", hash, { "if-none-match": etag })).status, 304);
    for (const headers of [{}, { range: "bytes=0-1" }, { range: "bytes=9999-" }]) {
      const head = await fetch(`${url}rooms/lobby/files/${hash}`, { method: "HEAD", headers });
      assert.deepEqual([head.status, head.headers.get("content-length")], [200, String(length)]);
    }
  });

  test("[FILE-4] nothing that is uploaded runs or is shown but plain pictures, sound and film: all else is an attachment of bytes (B51)", async (t) => {
    const { url } = await startFileSite(t);
    const ada = new Uploader(url);
    const html = "<!doctype html><script>alert(1)</script>";
    const harmful = [
      html,
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
      "<?xml version='1.0'?><svg/>",
      "%PDF-1.7 app.alert(1)",
      "alert(1)",
      // It only begins like a picture, and says no size.
      Buffer.from("89504e470d0a1a0a", "hex"),
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from(html)]),
    ];
    for (const content of harmful) {
      const { hash } = await ada.upload("lobby", content as string);
      const got = await ada.get("lobby", hash);
      assert.equal(got.headers.get("content-type"), "application/octet-stream", String(content));
      assert.match(got.headers.get("content-disposition") ?? "", /^attachment;/);
      assert.equal(got.headers.get("x-content-type-options"), "nosniff");
      assert.match(got.headers.get("content-security-policy") ?? "", /default-src 'none'.*sandbox/);
      await got.arrayBuffer();
    }
    // A picture that is a script as well is a picture, and in a box.
    const both = await ada.upload("lobby", pngLike(3, 3, html));
    const got = await ada.get("lobby", both.hash);
    assert.equal(got.headers.get("content-type"), "image/png");
    assert.match(got.headers.get("content-disposition") ?? "", /^inline;/);
    assert.equal(got.headers.get("x-content-type-options"), "nosniff");
    assert.match(got.headers.get("content-security-policy") ?? "", /sandbox/);
    await got.arrayBuffer();
  });

  test("[FILE-5] a name with a path, marks of direction or quotes comes back as a harmless one (B52)", async (t) => {
    const { url } = await startFileSite(t);
    const ada = new Uploader(url);
    const { hash } = await ada.upload("lobby", "text");
    const names: readonly (readonly [string, string])[] = [
      ["../../etc/passwd", 'attachment; filename="passwd"'],
      ["C:\\Windows\\evil.exe", 'attachment; filename="evil.exe"'],
      ["invoice\u202egpj.exe", 'attachment; filename="invoicegpj.exe"'],
      ['a"; filename="b.html\r\nset-cookie: x', `attachment; filename="a; filename=b.htmlset-cookie x"`],
      ["", 'attachment; filename="file"'],
      ["..", 'attachment; filename="file"'],
      [
        "Übersicht 日本.txt",
        `attachment; filename="_bersicht __.txt"; filename*=UTF-8''%C3%9Cbersicht%20%E6%97%A5%E6%9C%AC.txt`,
      ],
      ["\ud800.txt", `attachment; filename="_.txt"; filename*=UTF-8''%EF%BF%BD.txt`],
    ];
    for (const [name, header] of names) {
      const got = await ada.get("lobby", hash, {}, `?name=${encodeURIComponent(name.toWellFormed())}`);
      assert.equal(got.headers.get("content-disposition"), header, JSON.stringify(name));
      await got.arrayBuffer();
    }
  });

  test("[FILE-6] an image of too many pixels is refused in words, and nothing of it stays (B50)", async (t) => {
    const { url, stored } = await startFileSite(t);
    const ada = new Uploader(url);
    for (const bomb of [pngLike(60_000, 60_000), pngLike(1, 40_000), pngLike(2 ** 31 - 1, 2 ** 31 - 1)]) {
      const upload = await ada.begun("lobby", bomb.length);
      await assertAnswers(await ada.add("lobby", upload, 0, bomb), 413, "too-large");
      await assertAnswers(await ada.add("lobby", upload, 0, bomb), 404, "unknown-frame");
    }
    assert.deepEqual(await stored(), []);
  });

  test("[FILE-7] a file, a room, an identity, the uploads of one: each has its limit, and whoever is over it is told (O17)", async (t) => {
    const limits = {
      maxFileBytes: 1_000,
      maxRoomBytes: 2_500,
      maxIdentityBytes: 1_500,
      maxTotalBytes: 3_000,
    };
    const { url } = await startFileSite(t, {}, limits);
    const [ada, bob] = [new Uploader(url, freshKey()), new Uploader(url, freshKey())];
    await assertAnswers(await ada.begin("lobby", 1_001), 413, "too-large");
    await ada.upload("lobby", "a".repeat(900));
    // What is announced counts before it comes.
    const open = await ada.begun("lobby", 500);
    await assertAnswers(await ada.begin("other", 200), 413, "too-large");
    await ada.cancel("lobby", open);
    const again = await ada.begun("other", 500);
    await bob.upload("lobby", "b".repeat(1_000));
    await assertAnswers(await new Uploader(url, freshKey()).begin("lobby", 700), 413, "too-large");
    await assertAnswers(await new Uploader(url, freshKey()).begin("third", 700), 503, "unavailable");
    await ada.cancel("other", again);
    for (let open = 0; open < 20; open++) assert.equal((await bob.begin("lobby", 1)).status, 201);
    await assertAnswers(await bob.begin("lobby", 1), 429, "rate-limited");
  });

  test("[FILE-7] who announces much and brings nothing keeps others from little", async (t) => {
    const { url } = await startFileSite(t);
    const size = 26_214_400;
    for (let i = 0; i < 10; i++)
      assert.equal((await new Uploader(url, freshKey()).begin("lobby", size)).status, 201);
    await assertAnswers(await new Uploader(url, freshKey()).begin("lobby", size), 429, "rate-limited");
    assert.equal((await new Uploader(url, freshKey()).begin("lobby", 1_000)).status, 201);
  });

  test("[FILE-7] however many identities somebody has, what they upload and put in no message is bounded by their address", async (t) => {
    const { url } = await startFileSite(t, {}, { maxWaitingBytes: 1_000 });
    const [ada, bob] = [new Uploader(url, freshKey()), new Uploader(url, freshKey())];
    const file = await ada.upload("lobby", "a".repeat(400));
    const open = await bob.begun("other", 500);
    await assertAnswers(await new Uploader(url, freshKey()).begin("third", 200), 413, "too-large");
    // What a message holds does not wait, nor does what was given up.
    assert.equal((await ada.say("lobby", { text: "", files: [{ ...file, name: "a" }] })).status, 201);
    const more = await new Uploader(url, freshKey()).begun("third", 450);
    await assertAnswers(await ada.begin("lobby", 100), 413, "too-large");
    await bob.cancel("other", open);
    assert.equal((await ada.begin("lobby", 500)).status, 201);
    assert.notEqual(more, "");
  });

  test("[FILE-7] beginning uploads costs as publishes do", async (t) => {
    const { url } = await startFileSite(t, { publishPerSecond: 1 });
    const ada = new Uploader(url, freshKey());
    const statuses = [];
    // Two servers, each with the burst of its own.
    for (let i = 0; i < 12; i++) statuses.push((await ada.begin("lobby", 1)).status);
    assert.ok(statuses.includes(429), statuses.join());
  });

  test("[FILE-8] a file is for who may read its room; no other room has it, and no message may name it there (B55)", async (t) => {
    const key = freshKey();
    const keyed = identityFromKey(key);
    const authorize = ({
      identity,
      action,
      room,
    }: {
      identity: string;
      action: string;
      room: string;
    }): boolean => room !== "secret" || (identity === keyed && action !== "set");
    const { url, parlor } = await startFileSite(t, { authorize: (question) => authorize(question) });
    const [ada, eve] = [new Uploader(url, key), new Uploader(url, freshKey())];
    const { hash, ...file } = await ada.upload("secret", "for us alone");
    assert.equal(await (await ada.get("secret", hash)).text(), "for us alone");
    await assertAnswers(await eve.get("secret", hash), 403, "forbidden");
    await assertAnswers(await eve.begin("secret", 1), 403, "forbidden");
    await assertAnswers(await eve.begin(`@${keyed}`, 1), 403, "forbidden");
    await assertAnswers(await eve.get("lobby", hash), 404, "unknown-frame");
    const named = { text: "", files: [{ hash, ...file }] };
    await assertAnswers(await eve.say("lobby", named), 400, "bad-frame");
    await assert.rejects(parlor.room("lobby").publish(named), { code: "bad-frame" });
    await assertAnswers(await eve.get("lobby", hash), 404, "unknown-frame");
    assert.equal((await ada.say("secret", named)).status, 201);
    // Lists of other programs are their own matter.
    for (const files of [["a.txt"], [{ hash: "abc" }], { hash }, "x"]) {
      assert.equal((await eve.say("lobby", { files })).status, 201);
    }
    const many = Array.from({ length: 21 }, (_, i) => ({ hash: sha256(String(i)) }));
    await assertAnswers(await ada.say("secret", { files: many }), 400, "bad-frame");
  });

  test("[FILE-9] where the disk is full an upload is refused in words, and nothing of it is stored", async (t) => {
    const full = new CodedError("unavailable", "The disk for files is full; nothing of it was stored.");
    let isFull = false;
    let freeBytes = Infinity;
    const inner = await FolderBlobStore.open(await temporaryFolder(t));
    const store: BlobStore = {
      putPart: async (bytes, max) => {
        if (isFull) throw full;
        return inner.putPart(bytes, max);
      },
      freeBytes: () => Promise.resolve(freeBytes),
      assemble: (parts) => inner.assemble(parts),
      size: (hash) => inner.size(hash),
      read: (hash, start, end) => inner.read(hash, start, end),
      delete: (hash) => inner.delete(hash),
      dropParts: (parts) => inner.dropParts(parts),
      list: () => inner.list(),
    };
    const { url } = await startFileSite(t, {}, { store });
    const ada = new Uploader(url);
    const upload = await ada.begun("lobby", 8);
    await ada.add("lobby", upload, 0, Buffer.from("half"));
    isFull = true;
    await assertAnswers(await ada.add("lobby", upload, 4, Buffer.from("done")), 503, "unavailable");
    assert.equal((await ada.progress("lobby", upload)).headers.get("upload-offset"), "4");
    isFull = false;
    assert.equal((await ada.add("lobby", upload, 4, Buffer.from("done"))).status, 200);
    freeBytes = 1_000_000;
    await assertAnswers(await ada.begin("lobby", 8), 503, "unavailable");
  });

  test("[FILE-10] a server without files says so, and lets bodies name what they like", async (t) => {
    const { origin } = await startParlor(t);
    const ada = new Uploader(`${origin}/`);
    await assertAnswers(await ada.begin("lobby", 1), 501, "unknown-frame");
    await assertAnswers(await ada.get("lobby", sha256("")), 501, "unknown-frame");
    await assertAnswers(
      await ada.add("lobby", "AAAAAAAAAAAAAAAAAAAAAA", 0, Buffer.from("a")),
      501,
      "unknown-frame",
    );
    assert.equal((await ada.say("lobby", { files: [{ hash: sha256("") }] })).status, 201);
  });
});

/** Sends a part of what is announced, and breaks the line once it has left. */
async function cutAfter(port: number, path: string, bytes: Uint8Array, announced: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const headers = {
      "content-type": "application/partial-upload",
      "upload-offset": "0",
      "content-length": String(announced),
    };
    const sent = request({ port, path, method: "PATCH", headers });
    sent.on("error", () => resolve()).on("close", () => resolve());
    sent.write(bytes, () => sent.destroy());
  });
}
