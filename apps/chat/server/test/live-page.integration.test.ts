import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { replaysPosts, startProxy } from "@parlor/testkit";
import { LiveReader, postForm } from "./live-reader.ts";
import { LiveSite } from "./live-site.ts";

const FAST = ["--publish-per-second", "Infinity"];

describe("the page without a script", () => {
  test("[LIVE-1] begins with the newest 50 and goes on with what comes, without a script, under the page's policy", async () => {
    await using site = await LiveSite.start(FAST);
    for (let i = 1; i <= 60; i++) await site.publish("lobby", { text: `number ${i}`, name: "Ada" });
    using reader = await LiveReader.open(site.live("lobby"));
    await reader.sees("number 60");
    assert.deepEqual(
      reader.said,
      Array.from({ length: 50 }, (_, index) => `number ${index + 11}`),
    );
    for (const text of ["live 1", "live 2"]) {
      await site.publish("lobby", { text, name: "Ada" });
      await reader.sees(text);
    }
    assert.equal(reader.said.length, 52);
    assert.doesNotMatch(reader.text, /<script|<\/html>|javascript:| on\w+=/i);
    const { headers } = reader;
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
    assert.equal(headers["cache-control"], "no-store, no-transform");
    assert.equal(headers["x-accel-buffering"], "no");
    const policy = String(headers["content-security-policy"]);
    const style = /<style>([\s\S]*?)<\/style>/.exec(reader.text)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    for (const part of [
      "default-src 'none'",
      "script-src 'none'",
      `style-src 'sha256-${hash}'`,
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]) {
      assert.ok(policy.includes(part), part);
    }
    assert.ok(reader.text.indexOf("<main") > 2_048, "browsers that gather a beginning show this one");
    assert.ok(
      reader.text.indexOf("<form") < reader.text.indexOf("<main"),
      "the form comes before what never ends",
    );
  });

  test("[LIVE-2] each message's link goes on behind it, and nothing is lost or comes twice", async () => {
    await using site = await LiveSite.start(FAST);
    const texts = Array.from({ length: 30 }, (_, index) => `number ${index + 1}`);
    let epoch = "";
    for (const text of texts.slice(0, 20)) ({ epoch } = await site.publish("lobby", text));
    const first = await LiveReader.open(site.live("lobby"));
    await first.sees("number 20");
    first[Symbol.dispose]();
    for (const text of texts.slice(20)) await site.publish("lobby", text);
    for (const [index, link] of first.links.entries()) {
      if (index % 4 !== 3) continue;
      using next = await LiveReader.open(new URL(link, site.live("lobby")).href);
      await next.sees("number 30");
      assert.deepEqual([...first.said.slice(0, index + 1), ...next.said], texts);
    }
    for (const after of ["28", `${epoch}:28`]) {
      using reader = await LiveReader.open(site.live("lobby", `?after=${after}`));
      await reader.sees("number 30");
      assert.deepEqual(reader.said, ["number 29", "number 30"]);
    }
  });

  test("[LIVE-3] what is no longer kept, and what a page leaves out, is told in words", async () => {
    await using site = await LiveSite.start([...FAST, "--retain-messages", "10"]);
    let epoch = "";
    for (let i = 1; i <= 60; i++) ({ epoch } = await site.publish("lobby", `number ${i}`));
    let { earliest } = await site.history("lobby");
    while (earliest <= 40) ({ earliest } = await site.history("lobby"));
    using trimmed = await LiveReader.open(site.live("lobby", `?after=${epoch}:3`));
    await trimmed.sees("number 60");
    const words = /Messages 4 to (\d+) are no longer kept\./.exec(trimmed.text);
    assert.equal(trimmed.said[0], `number ${Number(words?.[1]) + 1}`);
    using other = await LiveReader.open(site.live("lobby", "?after=another:3"));
    await other.sees("number 60");
    assert.match(other.text, /This room began anew/);
    using short = await LiveReader.open(site.live("lobby", `?after=${epoch}:55&most=2`));
    await short.sees("number 60");
    assert.deepEqual(short.said, ["number 59", "number 60"]);
    assert.match(short.text, /Messages 56 to 58 are left out\. <a href="\?after=[^"]+%3A55">/);
  });

  test("[LIVE-4] nothing that strangers write becomes markup, be it a text, a name, a room or a body", async () => {
    await using site = await LiveSite.start(FAST);
    const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;</main><!--`;
    const room = `${evil.slice(0, 40)} & co`;
    const bodies = [
      evil,
      { text: evil, name: evil },
      { text: `https://example.org/"onmouseover="alert(1)`, name: "x" },
      { text: "javascript:alert(1) http://a@b.example/ \u0000\u001b[2J\u202e", name: "\u202eevil" },
      { [evil]: [evil] },
      `${evil} ${"long ".repeat(1_000)}`,
      null,
    ];
    for (const body of bodies) await site.publish(room, body);
    await site.publish(room, "the end");
    using reader = await LiveReader.open(site.live(room));
    await reader.sees("the end");
    const shown = reader.text.slice(reader.text.indexOf("</style>"));
    const tags = new Set(
      [...shown.matchAll(/<\/?([a-z!][^\s>]*)/gi)].map((match) => match[1]?.toLowerCase()),
    );
    const own =
      "a article bdi body button code details div form h1 head header input label main p small style summary time";
    assert.deepEqual(tags, new Set(own.split(" ")));
    for (const [tag] of shown.matchAll(/<[a-z][^>]*>/gi)) {
      assert.match(tag, /^<[a-z0-9]+( [a-z-]+(="[^"<>]*")?)*>$/i);
      assert.doesNotMatch(tag, / on[a-z]+=|javascript:/i);
    }
    // oxlint-disable-next-line no-control-regex -- that none is there is the point
    assert.doesNotMatch(shown, /[\u0000\u001b]/);
    assert.match(reader.text, /<title>&quot;&#39;&gt;&lt;script&gt;/);
  });

  test("[LIVE-6] a form that is sent again, one after the other or all at once, with cookies or without, is stored once", async () => {
    await using site = await LiveSite.start();
    for (const withCookies of [true, false]) {
      const room = withCookies ? "with" : "without";
      using reader = await LiveReader.open(site.live(room));
      await reader.sees("<main");
      const cookie = String(reader.headers["set-cookie"]).split(";")[0] ?? "";
      const headers = { origin: new URL(site.base).origin, ...(withCookies && { cookie }) };
      const form = { once: reader.field("once") ?? "", after: reader.field("after") ?? "", name: "Ada" };
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => postForm(site.live(room), { ...form, text: "again" }, headers)),
      );
      answers.push(await postForm(site.live(room), { ...form, text: "again" }, headers));
      for (const { status, headers: answered } of answers) {
        assert.equal(status, 303);
        assert.equal(answered.location, `live.html?after=${encodeURIComponent(form.after)}&most=200`);
      }
      await reader.sees("again");
      const other = await postForm(site.live(room), { ...form, text: "another" }, headers);
      assert.equal(other.status, 303);
      await reader.sees("another");
      assert.deepEqual(reader.said, ["again", "another"]);
      assert.equal((await site.history(room)).messages.length, 2);
    }
  });

  test("[LIVE-6] a form that a proxy sends twice is stored once, whichever answer the visitor gets", async () => {
    await using site = await LiveSite.start();
    for (const replay of ["first", "second", "at-once"] as const) {
      const fault = replaysPosts(replay);
      await using proxy = await startProxy({
        upstreamPort: Number(new URL(site.base).port),
        faults: [fault],
      });
      const url = new URL(site.live(replay));
      url.port = String(proxy.port);
      using reader = await LiveReader.open(url.href);
      await reader.sees("<main");
      const cookie = String(reader.headers["set-cookie"]).split(";")[0] ?? "";
      for (const text of ["one", "two"]) {
        const form = {
          once: reader.field("once") ?? "",
          after: reader.field("after") ?? "",
          name: "Ada",
          text,
        };
        const { status } = await postForm(url.href, form, { origin: url.origin, cookie });
        assert.equal(status, 303);
        await reader.sees(text);
      }
      assert.equal(fault.replayCount, 2);
      assert.deepEqual(reader.said, ["one", "two"]);
      assert.equal((await site.history(replay)).messages.length, 2);
    }
  });

  test("[LIVE-7] a visitor keeps the identity of a key that no script can read, and a name (O8)", async () => {
    await using site = await LiveSite.start(["--base-path", "/talk/"]);
    using first = await LiveReader.open(site.live("lobby"));
    await first.sees("<main");
    const given = String(first.headers["set-cookie"]);
    assert.match(given, /^parlor_key=[\w-]{22,64}; Path=\/talk\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    const cookie = given.split(";")[0] ?? "";
    const headers = { origin: new URL(site.base).origin, cookie };
    const sent = await postForm(
      site.live("lobby"),
      { once: first.field("once") ?? "", name: " Zoë\u202e  <b> ", text: "one\r\ntwo  " },
      headers,
    );
    const named = String(sent.headers["set-cookie"]);
    assert.match(named, /^parlor_name=Zo%C3%AB%20%3Cb%3E; Path=\/talk\/; .*HttpOnly/);
    using second = await LiveReader.open(site.live("lobby"), {
      cookie: `${cookie}; ${named.split(";")[0]}`,
    });
    await second.sees("two");
    assert.equal(second.headers["set-cookie"], undefined);
    assert.equal(second.field("name"), "Zoë &lt;b&gt;");
    assert.notEqual(second.field("once"), first.field("once"));
    const { messages } = await site.history("lobby");
    const key = cookie.slice("parlor_key=".length);
    const hash = createHash("sha256").update(key).digest("base64url").slice(0, 22);
    assert.deepEqual(
      messages.map(({ from, body }) => [from, body]),
      [[hash, { text: "one\ntwo", name: "Zoë <b>" }]],
    );
  });
});
