import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Logger, ParlorOptions } from "@parlor/server";
import { startParlor, type RunningParlor } from "./parlor-server.ts";
import { Peer } from "./peer.ts";

/** Where the bystander talks: no abuse is meant for it. */
const QUIET_ROOM = "quiet corner";

/** A server with somebody who behaves well on it, to see what abuse does to others. */
export interface AbusedServer extends RunningParlor {
  /** Everything that the server wrote to its logger, a line each. */
  readonly logged: readonly string[];
  /**
   * That the server had no fault of its own, that who was there before still publishes and hears, and that
   * somebody new is welcomed.
   */
  assertUnharmed(why?: string): Promise<void>;
}

export async function startAbused(
  t: TestContext,
  options: Partial<ParlorOptions> = {},
): Promise<AbusedServer> {
  const logged: string[] = [];
  const faults: string[] = [];
  const line = (level: string): Logger["info"] => {
    return (message, fields) => {
      logged.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
      if (level === "error") faults.push(logged.at(-1) as string);
    };
  };
  const logger: Logger = { info: line("info"), warn: line("warn"), error: line("error") };
  const server = await startParlor(t, { logger, ...options });
  const who = options.authenticate === undefined ? {} : { token: "bystander" };
  const bystander = await Peer.join(t, server.port, who);
  await bystander.subscribe(QUIET_ROOM);
  let said = 0;
  return {
    ...server,
    logged,
    async assertUnharmed(why = "abuse"): Promise<void> {
      assert.deepEqual(faults, [], why);
      said += 1;
      bystander.send({ type: "publish", room: QUIET_ROOM, seq: said, body: said });
      const frames = [await bystander.any(), await bystander.any()];
      const heard = frames.find((frame) => frame.type === "messages");
      assert.deepEqual(
        heard?.type === "messages" ? heard.messages.map(({ body }) => body) : frames,
        [said],
        `the bystander hears its own message, and nothing else, after: ${why}`,
      );
      const newcomer = await Peer.join(t, server.port, who);
      await newcomer.leave();
    },
  };
}
