import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CodedError, type RequestQuestion } from "@parlor/server";
import { ChangingNetwork } from "./changing-network.ts";
import { connect, RealServer, stateOf } from "./real-server.ts";

const TIMEOUT = { timeout: 60_000 };

/** A handler that works until a test lets it. */
class Held {
  readonly questions: RequestQuestion[] = [];
  readonly #gate = Promise.withResolvers<unknown>();
  readonly #begun = Promise.withResolvers<void>();

  readonly handler = (question: RequestQuestion): Promise<unknown> => {
    this.questions.push(question);
    this.#begun.resolve();
    return this.#gate.promise;
  };

  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  letGo(result: unknown): void {
    this.#gate.resolve(result);
  }
}

for (const kind of ["websocket", "stream", "poll"] as const) {
  describe(`requests of a client to a real server over ${kind}`, TIMEOUT, () => {
    test("[REQUEST-15] handlers answer and refuse, many at a time, each its own", async (t) => {
      const server = await new RealServer(t).start({
        requests: {
          double: ({ params }) => 2 * (params as number),
          who: ({ identity }) => identity,
          rename: () => {
            throw new CodedError("name-taken", "Somebody has that name.");
          },
        },
        authorize: ({ action, room }) => action !== "request" || room !== "secret",
      });
      const client = connect(t, server.url, { transports: [kind] });
      const numbers = Array.from({ length: 100 }, (_, n) => n);
      const doubled = await Promise.all(numbers.map((n) => client.request<number>("double", n)));
      assert.deepEqual(
        doubled,
        numbers.map((n) => 2 * n),
      );
      assert.equal(await client.request("who"), client.identity);
      const taken = { code: "name-taken", message: "Somebody has that name." };
      await assert.rejects(client.request("rename"), taken);
      await assert.rejects(client.request("dance"), { code: "unknown-method" });
      assert.equal(client.state.kind === "open" && client.state.transport, kind);
    });

    test("[REQUEST-15] while a handler works, publishes go on", async (t) => {
      const held = new Held();
      const server = await new RealServer(t).start({ requests: { slow: held.handler } });
      const client = connect(t, server.url, { transports: [kind] });
      const slow = client.request("slow");
      await held.begun;
      await client.room("lobby").publish("meanwhile");
      held.letGo("done");
      assert.equal(await slow, "done");
    });

    test("[REQUEST-15] a server that is killed leaves the outcome unknown, and the next request goes to the one that comes", async (t) => {
      const held = new Held();
      const server = await new RealServer(t).start({ requests: { slow: held.handler } });
      const client = connect(t, server.url, { transports: [kind] });
      const lost = assert.rejects(client.request("slow"), { code: "outcome-unknown" });
      await held.begun;
      await server.stop();
      await lost;
      assert.equal(held.questions[0]?.signal.aborted, true);
      const next = client.request("slow");
      await server.start({ requests: { slow: () => "after" } });
      assert.equal(await next, "after");
      assert.equal(held.questions.length, 1);
    });
  });
}

/** Tells when one of these was welcomed and closed again. */
class ProbedSocket extends WebSocket {
  static readonly #probed = Promise.withResolvers<void>();

  static get probed(): Promise<void> {
    return ProbedSocket.#probed.promise;
  }

  constructor(url: string, protocols?: string | string[]) {
    super(url, protocols);
    this.addEventListener("message", () => {
      this.addEventListener("close", () => ProbedSocket.#probed.resolve());
    });
  }
}

describe("requests of a client that finds a better transport", TIMEOUT, () => {
  test("[REQUEST-16] one that is under way is answered before the better transport is taken", async (t) => {
    const held = new Held();
    const server = await new RealServer(t).start({ requests: { slow: held.handler } });
    const network = await ChangingNetwork.before(server.port);
    t.after(() => network[Symbol.asyncDispose]());
    network.allow("stream");
    const client = connect(t, network.url, { webSocket: ProbedSocket });
    const slow = client.request("slow");
    await Promise.all([held.begun, stateOf(client, "open")]);
    network.allow("websocket");
    await Promise.race([ProbedSocket.probed, slow]);
    assert.equal(client.state.kind === "open" && client.state.transport, "stream");
    held.letGo("done");
    assert.equal(await slow, "done");
    await new Promise<void>((resolve) => {
      client.on("state", (state) => {
        if (state.kind === "open" && state.transport === "websocket") resolve();
      });
    });
  });
});
