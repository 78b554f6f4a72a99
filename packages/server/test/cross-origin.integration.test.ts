import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { helloFrame } from "./support/exchange.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertRefused, rawAnswer, upgradeHead } from "./support/raw-http.ts";

const HELLO = JSON.stringify(helloFrame());
const LISTED = "https://chat.example.org";

/** Everything that a browser's page could reach, as a request with these headers. */
function knocks(headers: Record<string, string | readonly string[] | null>): [string, string][] {
  const plain = { ...headers, Upgrade: null, Connection: "close", "Sec-WebSocket-Protocol": null };
  const body = { ...plain, "Content-Type": "application/json", "Content-Length": "3" };
  return [
    ["upgrade", upgradeHead({ headers })],
    [
      "plain room",
      upgradeHead({ target: "/rooms/lobby", headers: { ...headers, "Sec-WebSocket-Protocol": null } }),
    ],
    ["history", upgradeHead({ target: "/rooms/lobby/messages", headers: plain })],
    [
      "feed",
      upgradeHead({
        target: "/rooms/lobby/messages",
        method: "HEAD",
        headers: { ...plain, Accept: "text/event-stream" },
      }),
    ],
    ["publish", `${upgradeHead({ target: "/rooms/lobby/messages", method: "POST", headers: body })}"x"`],
    ["preflight", upgradeHead({ target: "/rooms/lobby/messages", method: "OPTIONS", headers: plain })],
    ["health", upgradeHead({ target: "/healthz", headers: plain })],
    ...["stream", "poll", "send"].map((kind): [string, string] => {
      const target = `/connect/${kind}`;
      return [kind, `${upgradeHead({ target, method: "POST", headers: body })}"x"`];
    }),
  ];
}

describe("origins", () => {
  test("[ORIGIN-50] a page of another origin is 403 in words at every address, before anything is done (O6, B21)", async (t) => {
    const { port, log } = await startParlor(t, { origins: [LISTED] });
    const own = `127.0.0.1:${port}`;
    const foreign: [string, string | string[], string][] = [
      ["another site", "https://evil.example", own],
      ["null", "null", own],
      ["null as Host, too", "null", "null"],
      ["a suffix", `http://evil-127.0.0.1:${port}`, own],
      ["a prefix", `http://127.0.0.1:${port}.evil.example`, own],
      ["listed as a prefix", `${LISTED}.evil.example`, own],
      ["listed as a suffix", "https://evilchat.example.org", own],
      ["listed as userinfo", `${LISTED}@evil.example`, own],
      ["own as userinfo", `http://127.0.0.1:${port}@evil.example`, own],
      ["listed on another port", `${LISTED}:8443`, own],
      ["listed over http", "http://chat.example.org", own],
      ["listed in capitals", "https://CHAT.example.org", own],
      ["listed with a path", `${LISTED}/`, own],
      ["own on another port", "http://127.0.0.1:1", own],
      ["own over https", `https://127.0.0.1:${port}`, own],
      ["rebound", `http://evil.example:${port}`, `evil.example:${port}`],
      ["rebound without a port", "http://evil.example", "evil.example"],
      ["looks like localhost", `http://localhost.evil.example:${port}`, `localhost.evil.example:${port}`],
      ["empty", "", own],
      ["a wildcard", "*", own],
      ["two headers", [LISTED, "https://evil.example"], own],
      ["two allowed ones", [LISTED, LISTED], own],
      ["two in one", `${LISTED} https://evil.example`, own],
      ["an extension", "chrome-extension://abcdefghijklmnop", own],
      ["a file", "file://", own],
    ];
    for (const [what, origin, host] of foreign) {
      for (const [where, request] of knocks({ Origin: origin, Host: host })) {
        const answer = await rawAnswer(port, request);
        assert.equal(answer.status, 403, `${what}, ${where}`);
        assert.equal(answer.headers.has("access-control-allow-origin"), false);
        if (where !== "feed") assertRefused(answer, 403, "origin-not-allowed", `${what}, ${where}`);
      }
    }
    assert.equal((await log.head("lobby")).head, 0);
  });

  test("[ORIGIN-51] own is an address or localhost that equals the Host; no Origin is nobody's page", async (t) => {
    const { port } = await startParlor(t);
    for (const headers of [
      { Origin: `http://127.0.0.1:${port}`, Host: `127.0.0.1:${port}` },
      { Origin: `http://localhost:${port}`, Host: `localhost:${port}` },
      { Origin: `http://[::1]:${port}`, Host: `[::1]:${port}` },
      { Origin: "http://192.168.1.20", Host: "192.168.1.20" },
      { Origin: null },
    ]) {
      // What is in the body of the last three is no hello.
      const expected = [101, 101, 200, 200, 201, 204, 200, 400, 400, 400];
      for (const [index, [where, request]] of knocks(headers).entries()) {
        const answer = await rawAnswer(port, request);
        assert.equal(answer.status, expected[index], `${JSON.stringify(headers)}, ${where}`);
      }
    }
  });

  test("[ORIGIN-55] who names no Origin and comes from another site by its browser's word may read, and nothing else", async (t) => {
    const { port, log } = await startParlor(t);
    for (const site of ["cross-site", "same-site", "same-origin", "none"]) {
      const isForeign = site === "cross-site" || site === "same-site";
      for (const [where, request] of knocks({ Origin: null, "Sec-Fetch-Site": site })) {
        const reads = ["history", "feed", "health"].includes(where);
        const { status } = await rawAnswer(port, request);
        assert.equal(status === 403, isForeign && !reads, `${site}, ${where}: ${status}`);
      }
    }
    assert.equal((await log.head("lobby")).head, 2, "those of its own page and of no page");
  });

  test("[ORIGIN-52] the sentence names the flag that would let it in", async (t) => {
    const { port } = await startParlor(t);
    for (const [Origin, Host] of [
      ["https://evil.example", "127.0.0.1"],
      [`http://chat.example:${port}`, `chat.example:${port}`],
      ["null", "127.0.0.1"],
    ] as const) {
      const answer = await rawAnswer(port, upgradeHead({ headers: { Origin, Host } }));
      assert.match(answer.error.message, /--origins/);
    }
  });

  test("[ORIGIN-53] with requireOrigin a request without one is refused as well", async (t) => {
    const { port } = await startParlor(t, { requireOrigin: true });
    for (const [where, request] of knocks({ Origin: null })) {
      assert.equal((await rawAnswer(port, request)).status, 403, where);
    }
  });

  test("[ORIGIN-54] listed origins get CORS on every answer, good or bad, and a preflight that names what is taken", async (t) => {
    const { origin } = await startParlor(t, { origins: [LISTED] });
    const headers = { origin: LISTED };
    const json = { ...headers, "content-type": "application/json" };
    const asked: [string, RequestInit, number][] = [
      ["rooms/lobby/messages", { headers }, 200],
      ["rooms/lobby/messages", { headers: json, method: "POST", body: '"x"' }, 201],
      ["rooms/lobby/messages", { headers: json, method: "POST", body: "{" }, 400],
      [
        "rooms/lobby/messages",
        { headers: { ...headers, "content-type": "text/plain" }, method: "POST", body: "x" },
        415,
      ],
      ["rooms/lobby/messages", { headers, method: "DELETE" }, 405],
      ["rooms/lobby/messages?limit=0", { headers }, 400],
      ["rooms/%2e%2e%2f/messages", { headers }, 200],
      ["rooms/%00/messages", { headers }, 400],
      ["rooms/lobby", { headers }, 426],
      ["connect", { headers }, 426],
      ["connect/send", { headers: json, method: "POST", body: "{}" }, 400],
      ["connect/send", { headers: json, method: "POST", body: HELLO }, 200],
      ["connect/poll?wait=0", { headers: json, method: "POST", body: HELLO }, 200],
      ["connect/stream", { headers: json, method: "POST", body: HELLO }, 200],
      ["healthz", { headers }, 200],
      ["readyz", { headers }, 200],
      ["metrics", { headers }, 200],
    ];
    for (const [path, request, status] of asked) {
      const response = await fetch(`${origin}/${path}`, request);
      assert.equal(response.status, status, path);
      assert.equal(response.headers.get("access-control-allow-origin"), LISTED, `${path} ${status}`);
      assert.equal(response.headers.has("access-control-allow-credentials"), false);
      assert.match(response.headers.get("vary") ?? "", /Origin/);
      await response.body?.cancel();
    }
    for (const path of ["rooms/lobby/messages", "connect/send", "connect/stream", "healthz"]) {
      const preflight = await fetch(`${origin}/${path}`, {
        method: "OPTIONS",
        headers: {
          ...headers,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,content-type,idempotency-key",
        },
      });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers.get("access-control-allow-origin"), LISTED);
      assert.match(preflight.headers.get("access-control-allow-methods") ?? "", /POST/);
      const allowed = preflight.headers.get("access-control-allow-headers") ?? "";
      for (const header of [
        "authorization",
        "content-type",
        "idempotency-key",
        "parlor-producer",
        "parlor-seq",
        "last-event-id",
      ]) {
        assert.match(allowed, new RegExp(header));
      }
    }
    const nobody = await fetch(`${origin}/healthz`);
    assert.equal(nobody.headers.has("access-control-allow-origin"), false);
  });
});
