import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headFault } from "./request-head.ts";

/** A head as Node gives it; a header of a list comes as often as that has values. */
function faultOf(given: Record<string, string | readonly string[]>, httpVersion = "1.1"): string | undefined {
  const all = Object.entries({ Host: "localhost", ...given });
  const rawHeaders = all.flatMap(([name, value]) => [value].flat().flatMap((each) => [name, each]));
  const headers = Object.fromEntries(
    all.map(([name, value]) => [name.toLowerCase(), [value].flat().join(", ")]),
  );
  return headFault({ rawHeaders, headers, httpVersion })?.message;
}

describe("a request's head", () => {
  test("[REFUSE-60] says HTTP/1.1 or 1.0 and nothing else", () => {
    assert.equal(faultOf({}), undefined);
    assert.equal(faultOf({ Host: [] }, "1.0"), undefined);
    for (const version of ["0.9", "2.0", "", "1.2"]) assert.match(faultOf({}, version) ?? "", /HTTP\/1\.1/);
  });

  test("[REFUSE-60] names one host, by a name or an address", () => {
    const good = [
      "",
      "a",
      "chat.example.org:8080",
      "127.0.0.1",
      "[::1]:80",
      "a_b.example",
      "xn--4ca.example",
      "a:",
    ];
    for (const Host of good) assert.equal(faultOf({ Host }), undefined, Host);
    for (const Host of [
      "a b",
      "<script>",
      "a/b",
      "a@b",
      "é",
      "a:99999999",
      "a:b",
      "[::1",
      "::1",
      'a"b',
      "a\\b",
    ])
      assert.match(faultOf({ Host }) ?? "", /name with perhaps a port/, Host);
    for (const Host of [[], ["a", "a"]]) assert.match(faultOf({ Host }) ?? "", /exactly one Host/);
  });

  test("[REFUSE-60] has a body in chunks or whole, and HTTP/1.0 whole only (B46)", () => {
    for (const coding of ["chunked", "Chunked"])
      assert.equal(faultOf({ "Transfer-Encoding": coding }), undefined);
    for (const coding of ["gzip, chunked", "identity", "chunked, chunked", ["gzip", "chunked"], ""])
      assert.match(faultOf({ "Transfer-Encoding": coding }) ?? "", /taken is chunked/);
    assert.match(faultOf({ "Transfer-Encoding": "chunked" }, "1.0") ?? "", /HTTP\/1\.0 has no/);
  });
});
