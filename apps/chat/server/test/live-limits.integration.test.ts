import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { askPage, LiveReader, postForm } from "./live-reader.ts";
import { LiveSite } from "./live-site.ts";

const FORM = { once: "form-1234567890", name: "Ada", text: "hello" };

async function headOf(site: LiveSite): Promise<number> {
  return (await site.history("lobby")).head;
}

describe("the limits of the page without a script", () => {
  test("[LIVE-10] a form is taken from the server's own page and from listed origins, and from nobody else (O7)", async () => {
    await using site = await LiveSite.start(["--origins", "https://listed.example"]);
    const url = site.live("lobby");
    const rebound = `evil.example:${new URL(url).port}`;
    const refused: readonly Readonly<Record<string, string>>[] = [
      {},
      { origin: "null" },
      { origin: "https://evil.example" },
      { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
      { host: rebound, origin: `http://${rebound}` },
      { host: rebound, "sec-fetch-site": "same-origin" },
    ];
    for (const headers of refused) {
      const answer = await postForm(url, FORM, headers);
      assert.equal(answer.status, 403, JSON.stringify(headers));
      assert.match(answer.headers["content-type"] ?? "", /^text\/html/);
      assert.match(answer.text, /<p class="notice" role="alert">[A-Z][^<]+\.<\/p>/);
      assert.doesNotMatch(answer.text, /hello/);
    }
    assert.equal(await headOf(site), 0);
    const taken: readonly Readonly<Record<string, string>>[] = [
      { origin: site.origin },
      { origin: "https://listed.example" },
      { "sec-fetch-site": "same-origin" },
    ];
    for (const [index, headers] of taken.entries()) {
      const answer = await postForm(url, { ...FORM, once: `form-number-${index}` }, headers);
      assert.equal(answer.status, 303, JSON.stringify(headers));
    }
    assert.equal(await headOf(site), 3);
  });

  test("[LIVE-10] a page of another site is shown nothing", async () => {
    await using site = await LiveSite.start();
    const answer = await askPage(site.live("lobby"), { headers: { origin: "https://evil.example" } });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers["access-control-allow-origin"], undefined);
  });

  test("[LIVE-11] what can't be stored is a page with its status, in words, and the text is still in the form", async () => {
    await using site = await LiveSite.start(["--max-body-bytes", "1000"]);
    const url = site.live("lobby");
    const post = (fields: Readonly<Record<string, string>>, room = url) =>
      postForm(room, { ...FORM, ...fields });
    const large = await post({ text: `&<"${"x".repeat(1_500)}` });
    assert.equal(large.status, 413);
    assert.match(large.text, /too long/);
    assert.match(large.text, /name="text" value="&amp;&lt;&quot;xxx/);
    assert.equal((await post({ text: "x".repeat(20_000) })).status, 413);
    assert.equal((await post({ text: " \r\n " })).status, 400);
    const broken = await post({ once: "no" });
    assert.equal(broken.status, 400);
    assert.match(broken.text, /name="text" value="hello"/);
    assert.match(broken.text, /name="once" value="[\w-]{22}"/);
    assert.equal((await post({}, site.live("@reserved"))).status, 403);
    assert.equal((await post({}, `${site.base}r/e%CC%81/live.html`)).status, 400);
    const raw = { method: "POST", headers: { origin: site.origin } };
    const typed = (type: string, body: string | Uint8Array) =>
      askPage(url, { ...raw, headers: { ...raw.headers, "content-type": type }, body });
    assert.equal((await typed("application/json", `{"text":"x"}`)).status, 415);
    assert.equal((await typed("text/plain", "text=x")).status, 415);
    const form = "application/x-www-form-urlencoded";
    assert.equal((await typed(form, "once=form-1234567890&text=%ff")).status, 400);
    assert.equal((await typed(form, "once=form-1234567890&text=%zz")).status, 400);
    assert.equal((await typed(form, Buffer.from("once=form-1234567890&text=\xff", "latin1"))).status, 400);
    assert.equal((await askPage(url, { method: "PUT" })).status, 405);
    assert.equal(await headOf(site), 0);
  });

  test("[LIVE-11] what comes too fast is 429 with the time to wait, and the same form goes in later", async () => {
    await using site = await LiveSite.start(["--publish-per-second", "1"]);
    using reader = await LiveReader.open(site.live("lobby"));
    const cookie = String(reader.headers["set-cookie"]).split(";")[0] ?? "";
    const send = (index: number) => {
      const fields = { ...FORM, once: `form-number-${index}`, text: `line ${index}` };
      return postForm(site.live("lobby"), fields, { origin: site.origin, cookie });
    };
    const statuses: number[] = [];
    let refused = await send(0);
    for (let index = 1; refused.status === 303; index++) {
      statuses.push(refused.status);
      refused = await send(index);
    }
    assert.ok(statuses.length >= 5 && statuses.length < 12, `${statuses.length} were taken`);
    assert.equal(refused.status, 429);
    assert.match(refused.headers["retry-after"] ?? "", /^[1-9]\d*$/);
    assert.match(refused.text, new RegExp(`name="text" value="line ${statuses.length}"`));
    assert.match(refused.text, new RegExp(`name="once" value="form-number-${statuses.length}"`));
    // A form that is stored already costs nothing, however fast it comes.
    assert.equal((await send(0)).status, 303);
  });

  test("[LIVE-11] an address that is no place in a room, or no room, is a page in words", async () => {
    await using site = await LiveSite.start();
    for (const query of ["?after=x", "?after=-1", "?after=1&most=501", "?after=1&most=x", "?after=a%20b:1"]) {
      const answer = await askPage(site.live("lobby", query));
      assert.equal(answer.status, 400, query);
      assert.match(answer.text, /role="alert"/);
    }
    for (const room of ["%ff", "..%00", "x".repeat(200)]) {
      const answer = await askPage(`${site.base}r/${room}/live.html`);
      assert.equal(answer.status, 400, room);
    }
    assert.equal((await askPage(site.live("@somebody"))).status, 403);
    const head = await askPage(site.live("lobby"), { method: "HEAD" });
    assert.deepEqual([head.status, head.text], [200, ""]);
  });

  test("[LIVE-5] a reader counts as a connection, and comments keep a silent page open", async () => {
    await using site = await LiveSite.start(["--connections-per-address", "2", "--heartbeat-ms", "100"]);
    using first = await LiveReader.open(site.live("lobby"));
    using second = await LiveReader.open(site.live("lobby"));
    await first.sees(/(<!-- still here -->\n){3}/);
    const third = await askPage(site.live("lobby"));
    assert.equal(third.status, 429);
    assert.match(third.headers["retry-after"] ?? "", /^[1-9]\d*$/);
    assert.match(third.text, /holds 2 connections/);
    second[Symbol.dispose]();
    let again = await askPage(site.live("lobby"), { method: "HEAD" });
    while (again.status === 429) again = await askPage(site.live("lobby"), { method: "HEAD" });
    assert.equal(again.status, 200);
  });

  test("[LIVE-5] a page that is read slowly gets everything once, and nobody else waits for it", async () => {
    await using site = await LiveSite.start(["--publish-per-second", "Infinity"]);
    using slow = await LiveReader.open(site.live("lobby"));
    using quick = await LiveReader.open(site.live("lobby"));
    await slow.sees("<main");
    slow.pause();
    const count = 160;
    for (let index = 1; index <= count; index++) {
      await site.publish("lobby", { text: `${index} ${"x".repeat(60_000)}`, name: "Ada" });
    }
    await quick.sees(`id="m${count}"`);
    const metrics = await (await fetch(`${site.base}metrics`)).text();
    assert.match(metrics, /^parlor_slow_(readers|connections)\S* 1$/m);
    slow.resume();
    await slow.sees(`id="m${count}"`);
    for (const { text } of [slow, quick]) {
      assert.deepEqual(
        [...text.matchAll(/<article id="m(\d+)"/g)].map((match) => Number(match[1])),
        Array.from({ length: count }, (_, index) => index + 1),
      );
    }
  });

  test("[LIVE-12] at a drain the page ends with a sentence and the link behind its last message; who asks meanwhile is told 503", async () => {
    await using site = await LiveSite.start();
    using reader = await LiveReader.open(site.live("lobby"));
    await postForm(site.live("lobby"), FORM, { origin: site.origin });
    await reader.sees("hello");
    site.server.kill("SIGTERM");
    let asked = await askPage(`${site.base}readyz`);
    while (asked.status !== 503) asked = await askPage(`${site.base}readyz`);
    for (const answer of [
      await askPage(site.live("lobby")),
      await postForm(site.live("lobby"), { ...FORM, text: "late" }, { origin: site.origin }),
    ]) {
      assert.equal(answer.status, 503);
      assert.match(answer.headers["retry-after"] ?? "", /^[1-9]\d*$/);
      assert.match(answer.text, /stopping/);
    }
    await reader.ends();
    assert.match(reader.text, /The server is restarting, and this page ends here\. In about \d+ s/);
    const links = [...reader.text.matchAll(/href="(\?after=[^"]+)"/g)].map((match) => match[1]);
    assert.equal(links.at(-1), reader.links.at(-1));
    assert.ok(reader.text.endsWith("</html>\n"));
    assert.deepEqual(await site.server.end(), { code: 0, signal: null });
  });
});
