import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { identityFromKey } from "../../server/src/session/identity.ts";
import { collect, connect, RealServer, stateOf } from "./real-server.ts";

const TIMEOUT = { timeout: 60_000 };

for (const kind of ["websocket", "stream", "poll"] as const) {
  describe(`the inbox of a client over ${kind}`, TIMEOUT, () => {
    test("[INBOX-7] has what the server pushed before, while it was open, and while the server was away with it, each once", async (t) => {
      const server = await new RealServer(t).start();
      const client = connect(t, server.url, { transports: [kind], key: "k".repeat(22) });
      const identity = identityFromKey("k".repeat(22));
      await server.parlor.identity(identity).push("before");
      const inbox = await client.inbox();
      assert.equal(inbox.name, `@${identity}`);
      assert.equal(await client.inbox(), inbox);
      const heard = collect(inbox);
      inbox.subscribe({ last: 50 });
      await heard.until(1);
      await server.parlor.identity(identity).push("while it is open");
      await heard.until(2);
      await server.stop();
      await server.start();
      await server.parlor.identity(identity).push("behind the restart");
      await heard.until(3);
      assert.deepEqual(heard.bodies, ["before", "while it is open", "behind the restart"]);
      await assert.rejects(inbox.publish("mine"), { code: "forbidden" });
    });
  });
}

describe("the inbox of a client", TIMEOUT, () => {
  test("[INBOX-8] is asked of the server at each call: who comes back as somebody else gets another, and the old one ends without a word of it", async (t) => {
    const server = await new RealServer(t).start({
      authenticate: ({ token }) => ({ identity: token ?? "" }),
    });
    let token = "ada";
    const client = connect(t, server.url, { token: () => token });
    const adas = await client.inbox();
    assert.equal(adas.name, "@ada");
    const heard = collect(adas);
    adas.subscribe({ last: 50 });
    await server.parlor.identity("ada").push("for Ada");
    await heard.until(1);
    await server.stop();
    await stateOf(client, "waiting");
    token = "bob";
    const next = client.inbox();
    const ended = new Promise<{ code: string }>((resolve) => adas.on("unsubscribed", resolve));
    await server.start({ authenticate: ({ token: given }) => ({ identity: given ?? "" }) });
    await server.parlor.identity("ada").push("a secret");
    assert.equal((await ended).code, "forbidden");
    assert.equal((await next).name, "@bob");
    await assert.rejects(adas.history(), { code: "forbidden" });
    assert.deepEqual(heard.bodies, ["for Ada"]);
  });

  test("[INBOX-9] rejects where the server turns the client away, and when it is closed", async (t) => {
    const server = await new RealServer(t).start({
      authenticate: () => ({ code: "forbidden", message: "Not you." }),
    });
    await assert.rejects(connect(t, server.url).inbox(), { code: "forbidden", message: /Not you/ });
    await server.stop();
    const client = connect(t, server.url);
    const waiting = client.inbox();
    const isRejected = assert.rejects(waiting, { code: "closed" });
    client.close();
    await isRejected;
    await assert.rejects(client.inbox(), { code: "closed" });
  });
});
