import { SqliteLog } from "@parlor/log";
import { serve } from "../processes/serve.ts";

export interface GroupsOptions {
  readonly folder: string;
  readonly rooms: number;
  /** Appends asked for together; the next group is asked for when the one before the last is on the disk. */
  readonly groupSize: number;
  readonly bodyBytes: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface GroupsResult {
  readonly appended: number;
  readonly elapsedMs: number;
}

/** Groups under way at once: one on the disk, one ready behind it. */
const GROUPS_IN_FLIGHT = 2;

/** Entry of the process that has the log and nothing else. */
const calls = {
  async appendGroups(options: GroupsOptions): Promise<GroupsResult> {
    const { folder, rooms, groupSize, bodyBytes, warmUpMs, durationMs } = options;
    const log = await SqliteLog.open({ folder });
    const bodyJson = JSON.stringify("x".repeat(bodyBytes - 2));
    const from = "benchidentity000000000";
    let next = 0;
    let appended = 0;
    const appendOne = async (): Promise<void> => {
      const room = `room ${next % rooms}`;
      const seq = 1 + Math.floor(next / rooms);
      next += 1;
      const producer = "bench-producer";
      const result = await log.append({
        room,
        from,
        producer,
        seq,
        afterSeq: seq - 1,
        bodyJson,
        remember: true,
        admit: "any",
      });
      if (result.kind !== "appended") throw new Error(`an append ended as ${result.kind}`);
      appended += 1;
    };
    const startedMs = performance.now();
    let before = { appended: 0, atMs: 0 };
    const keepGoing = async (): Promise<void> => {
      while (performance.now() - startedMs < warmUpMs + durationMs) {
        await Promise.all(Array.from({ length: groupSize }, appendOne));
        const atMs = performance.now();
        if (before.atMs === 0 && atMs - startedMs >= warmUpMs) before = { appended, atMs };
      }
    };
    await Promise.all(Array.from({ length: GROUPS_IN_FLIGHT }, keepGoing));
    const result = { appended: appended - before.appended, elapsedMs: performance.now() - before.atMs };
    await log.close();
    return result;
  },
};

export type LogCalls = typeof calls;

serve(calls);
