import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isOwnHost, originFault, type OriginQuestion } from "./origin.ts";

/** A page of the server's own, of http://localhost:8080, unless told otherwise. */
function fault(question: Partial<OriginQuestion> & { origin?: string } = {}): string | null {
  const { origin, ...rest } = question;
  return originFault({
    origins: [origin ?? "http://localhost:8080"],
    host: "localhost:8080",
    scheme: "http",
    allowed: [],
    isRequired: false,
    ...rest,
  });
}

describe("the server's own pages", () => {
  test("[ORIGIN-1] an origin that equals the Host is own where that is localhost or an IP address", () => {
    for (const authority of [
      "localhost:8080",
      "127.0.0.1:8080",
      "192.168.1.7",
      "[::1]:8080",
      "[2001:db8::7]",
    ]) {
      assert.equal(fault({ origin: `http://${authority}`, host: authority }), null, authority);
      const secure = { origin: `https://${authority}`, host: authority, scheme: "https" } as const;
      assert.equal(fault(secure), null, authority);
    }
  });

  test("[ORIGIN-1] a port that is the scheme's own may be written in Host and is not in Origin", () => {
    assert.equal(fault({ origin: "http://localhost", host: "localhost:80" }), null);
    assert.equal(fault({ origin: "https://10.0.0.1", host: "10.0.0.1:443", scheme: "https" }), null);
    assert.notEqual(fault({ origin: "http://localhost", host: "localhost:443" }), null);
  });

  test("[ORIGIN-2] DNS rebinding: a name that anybody could point here is not own, though Origin equals Host", () => {
    for (const name of [
      "evil.example:8080",
      "localhost.evil.example:8080",
      "127.0.0.1.nip.io:8080",
      "my-machine:8080",
      "localhost.:8080",
      "sub.localhost:8080",
      "local.host",
    ]) {
      assert.match(fault({ origin: `http://${name}`, host: name }) ?? "", /--origins/, name);
    }
  });

  test("[ORIGIN-2] a name that the operator listed is own, on other ports too", () => {
    const allowed = ["https://chat.example.org"];
    const host = "chat.example.org:8443";
    assert.equal(fault({ origin: `https://${host}`, host, scheme: "https", allowed }), null);
    assert.notEqual(fault({ origin: `http://${host}`, host, scheme: "https", allowed }), null);
    assert.notEqual(fault({ origin: "https://chat.example.org:9", host, scheme: "https", allowed }), null);
    const other = "x.chat.example.org:8443";
    assert.notEqual(fault({ origin: `https://${other}`, host: other, scheme: "https", allowed }), null);
  });

  test("[ORIGIN-3] the scheme must be the connection's own", () => {
    assert.match(fault({ origin: "https://localhost:8080" }) ?? "", /--origins.*--trust-proxy/);
    assert.notEqual(fault({ scheme: "https" }), null);
  });
});

describe("other pages (O6)", () => {
  const allowed = ["https://good.example"];

  test("[ORIGIN-4] a listed origin may connect, whatever the Host and the scheme", () => {
    assert.equal(fault({ origin: "https://good.example", allowed }), null);
    assert.equal(fault({ origin: "https://good.example", host: undefined, allowed }), null);
  });

  test("[ORIGIN-4] what only looks like a listed or own origin is refused in words that name the flag", () => {
    for (const origin of [
      "https://evil.example",
      "http://good.example",
      "https://good.example:444",
      "https://good.example:443",
      "https://good.example.evil.example",
      "https://evilgood.example",
      "https://good.example@evil.example",
      "https://evil.example#good.example",
      "https://evil.example/https://good.example",
      "https://good.example/",
      "https://good.example ",
      " https://good.example",
      "https://GOOD.example",
      "https://good.example\\@evil.example",
      "https://good.exampl",
      "good.example",
      "//good.example",
      "",
      "*",
      "file://",
      "chrome-extension://abcdefghijklmnop",
      "ws://localhost:8080",
      "http://localhost:8081",
      "http://localhost",
      "http://localhost:8080/",
      "http://localhost:8080/x",
      "http://localhost:8080@evil.example",
      "http://user@localhost:8080",
      "http://LOCALHOST:8080",
      "http://localhost:08080",
      "http://localhost:8080:8080",
      "http://localhost:99999",
      "http://127.0.0.1:8080",
      "http://evil.example:8080",
      "http://[::1]:8080",
      "http://localhost:8080, http://localhost:8080",
      "http://localhost:8080\u0000",
    ]) {
      assert.match(fault({ origin, allowed }) ?? "taken", /--origins/, JSON.stringify(origin));
    }
  });

  test("[ORIGIN-5] the origin `null` is refused, even where Host says it too", () => {
    assert.match(fault({ origin: "null" }) ?? "", /--origins/);
    assert.notEqual(fault({ origin: "null", host: "null" }), null);
  });

  test("[ORIGIN-6] two Origin headers are refused, even where both are allowed", () => {
    assert.match(
      fault({ origins: ["https://good.example", "https://good.example"], allowed }) ?? "",
      /more than one/,
    );
    assert.match(
      fault({ origins: ["http://localhost:8080", "https://evil.example"] }) ?? "",
      /more than one/,
    );
  });

  test("[ORIGIN-7] no Origin is allowed, unless the host requires one", () => {
    assert.equal(fault({ origins: [] }), null);
    assert.match(fault({ origins: [], isRequired: true }) ?? "", /Origin/);
    assert.equal(fault({ isRequired: true }), null);
  });

  test("a Host that is none makes nothing own", () => {
    for (const host of [
      undefined,
      "",
      "localhost:8080/",
      "a@localhost:8080",
      "localhost:x",
      "localhost:8080#",
    ]) {
      assert.notEqual(fault({ host }), null, String(host));
    }
  });

  test("a long Origin is not repeated at length", () => {
    const origin = `http://${"a".repeat(60).concat(".")}`.padEnd(230, "b.").concat("example");
    assert.ok((fault({ origin }) ?? "").length < 400);
  });

  test("[ORIGIN-4] whatever is sent, only the own and the listed origin pass", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.domain().map((name) => `https://${name}`),
        ),
        (origin) => {
          const passes = fault({ origin, allowed }) === null;
          assert.equal(passes, origin === "http://localhost:8080" || origin === "https://good.example");
        },
      ),
    );
  });
});

describe("isOwnHost", () => {
  test("[ORIGIN-2] tells what nobody else can point here from what anybody can", () => {
    for (const host of ["localhost", "localhost:1", "127.0.0.1", "[::1]:80", "10.1.2.3:9"]) {
      assert.ok(isOwnHost(host, []), host);
    }
    for (const host of [undefined, "", "evil.example", "127.0.0.1.evil.example", "localhost@evil.example"]) {
      assert.ok(!isOwnHost(host, []), String(host));
    }
    assert.ok(isOwnHost("chat.example.org:9", ["https://chat.example.org"]));
  });
});
