import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { seededRandom } from "@parlor/testkit";
import { freePort } from "./free-port.ts";

describe("freePort", () => {
  test("[WORKERS-4] the port is none that a passing connection may take while no worker lives", async () => {
    for (const random of [() => 0, () => 1 - Number.EPSILON]) {
      const port = await freePort("127.0.0.1", random);
      assert.ok(port === 0 || (port >= 20_000 && port < 32_768), String(port));
    }
  });

  test("[WORKERS-4] one that is taken is passed over", async () => {
    const taken = createServer();
    taken.listen(await freePort("127.0.0.1", seededRandom(7)), "127.0.0.1");
    await once(taken, "listening");
    const port = await freePort("127.0.0.1", seededRandom(7));
    assert.notEqual(port, (taken.address() as AddressInfo).port);
    assert.notEqual(port, 0);
    taken.close();
  });

  test("[WORKERS-7] a host that is none gives none", async () => {
    assert.equal(await freePort("no.such.host.invalid", () => 0.5), 0);
  });
});
