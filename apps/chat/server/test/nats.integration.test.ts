import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ParlorClient, roomPresence } from "@parlor/client";
import { NatsCluster, until } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

const PATIENCE_MS = 30_000;
/** Says on stderr what of NATS a process loads. */
const TELLS_OF_NATS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  registerHooks({ resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (/@nats-io|packages\\/nats\\//.test(found.url)) process.stderr.write("loads " + found.url + "\\n");
    return found;
  } });`)}`;

describe("the command on a cluster", () => {
  let cluster: NatsCluster;
  before(async () => (cluster = await NatsCluster.start()));
  after(() => cluster.stop());

  const logOf = (): string => `${cluster.url}?monitor=${new URL(cluster.monitorOf(0)).port}`;
  const publish = async (url: string, text: string): Promise<Response> =>
    await fetch(`${url}rooms/lobby/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": text },
      body: JSON.stringify(text),
    });
  const bodiesAt = async (url: string): Promise<unknown[]> => {
    const answer = await fetch(`${url}rooms/lobby/messages`);
    const { messages } = (await answer.json()) as { messages: { body: unknown }[] };
    return messages.map(({ body }) => body);
  };

  test("[CLUSTER-1] [CLUSTER-3] [CLUSTER-4] nodes serve the same rooms, say what is promised, and outlive their NATS", async () => {
    using first = temporaryFolder();
    using second = temporaryFolder();
    await using ada = new ParlorProcess({ args: ["--port", "0", "--data", first.path, "--log", logOf()] });
    await using bob = new ParlorProcess({ args: ["--port", "0", "--data", second.path, "--log", logOf()] });
    const [here, there] = await Promise.all([ada.url, bob.url]);
    assert.equal((await publish(here, "one")).status, 201);
    assert.equal((await publish(there, "two")).status, 201);
    assert.deepEqual(await bodiesAt(here), ["one", "two"]);
    assert.deepEqual(await bodiesAt(there), ["one", "two"]);

    const ready = (await (await fetch(`${here}readyz`)).json()) as { durable: boolean; promise: string };
    assert.equal(ready.durable, false);
    assert.match(ready.promise, /^Not durable against power cuts: .+ one server of NATS .+ every 120 s/);
    await ada.printed(() => ada.stdout.some((line) => line.includes(ready.promise)));
    await cluster.kill(0);
    await ada.printed(() => ada.stderr.some((line) => line.startsWith("Publishes are refused for now:")));
    assert.equal((await fetch(`${here}readyz`)).status, 503);
    const refused = await publish(here, "three");
    assert.equal(refused.status, 503);
    assert.match(await refused.text(), /"unavailable"/);
    assert.deepEqual(await bodiesAt(here), ["one", "two"], "what it has it serves");
    await cluster.restart(0);
    assert.ok(await until(async () => (await publish(here, "three")).status === 201, PATIENCE_MS));
    assert.ok(await until(async () => (await bodiesAt(there)).length === 3, PATIENCE_MS));
  });

  test("[CLUSTER-7] who was at a node that died without a word has left, and who comes then sees everybody else", async () => {
    using first = temporaryFolder();
    using second = temporaryFolder();
    await using near = new ParlorProcess({ args: ["--port", "0", "--data", first.path, "--log", logOf()] });
    await using far = new ParlorProcess({ args: ["--port", "0", "--data", second.path, "--log", logOf()] });
    const clients: ParlorClient[] = [];
    const comeTo = (url: string, name: string): ReturnType<typeof roomPresence> => {
      const client = new ParlorClient(url, { profile: { name } });
      clients.push(client);
      const room = client.room("lobby");
      const presence = roomPresence(room);
      room.subscribe();
      return presence;
    };
    const namesIn = ({ members }: ReturnType<typeof roomPresence>): unknown[] =>
      [...(members?.values() ?? [])].map((profile) => (profile as { name: string }).name).sort();
    const sees = (presence: ReturnType<typeof roomPresence>, ...names: string[]): Promise<boolean> =>
      until(() => JSON.stringify(namesIn(presence)) === JSON.stringify(names), PATIENCE_MS);
    try {
      const ada = comeTo(await near.url, "ada");
      const bob = comeTo(await far.url, "bob");
      assert.ok((await sees(ada, "ada", "bob")) && (await sees(bob, "ada", "bob")));
      far.kill("SIGKILL");
      assert.ok(await sees(ada, "ada"));
      assert.ok(await sees(comeTo(await near.url, "eve"), "ada", "eve"));
    } finally {
      for (const client of clients) client.close();
    }
  });

  test("[CLUSTER-2] nothing of NATS is loaded unless it is asked for", async () => {
    using folder = temporaryFolder();
    const start = (log: string): ParlorProcess =>
      new ParlorProcess({
        nodeArgs: ["--import", TELLS_OF_NATS],
        args: ["--port", "0", "--data", folder.path, "--log", log],
      });
    const loaded = (parlor: ParlorProcess): boolean =>
      parlor.stderr.some((line) => line.startsWith("loads "));
    {
      await using alone = start("sqlite:");
      await alone.url;
      assert.ok(!loaded(alone), alone.stderr.join("\n"));
    }
    await using node = start(logOf());
    await node.url;
    assert.ok(loaded(node));
  });

  test("[CLUSTER-1] a cluster that is not there is one sentence and exit 2, without the password", async () => {
    using folder = temporaryFolder();
    const log = "nats://ada:hush@127.0.0.1:1";
    await using parlor = new ParlorProcess({ args: ["--port", "0", "--data", folder.path, "--log", log] });
    assert.equal((await parlor.end()).code, 2);
    assert.match(parlor.stderr.join("\n"), /^parlor: .*NATS.+$/);
    assert.ok(!parlor.stderr.join("").includes("hush"));
  });
});
