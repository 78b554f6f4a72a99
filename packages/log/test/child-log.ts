import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CodedError } from "@parlor/base";
import { SqliteLog } from "@parlor/log";
import { isEverErased, powerBody } from "./power-body.ts";

/**
 * A process with a log, for tests that kill it or starve it. One JSON line on stdout for each thing
 * that happens, so that what was acknowledged is known however it ends.
 *
 *     node child-log.ts hold FOLDER        opens the log and keeps it
 *     node child-log.ts append FOLDER      appends over 5 rooms until killed
 *     node child-log.ts fail FOLDER COUNT  appends one at a time until one is refused, then COUNT more
 *     node child-log.ts fill FOLDER        appends until the disk is full, makes room, appends again
 *     node child-log.ts stall FOLDER       appends until reads overtake an append by far
 *     node child-log.ts power FOLDER COUNT appends COUNT to each of 3 rooms, small and large, and erases some
 */
const [act, folder = "", count = "0"] = process.argv.slice(2);

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function appendOne(log: SqliteLog, room: string, seq: number, bodyJson: string): Promise<boolean> {
  const from = "child-identity";
  const last = { producer: "producer1", remember: true, admit: "any" } as const;
  try {
    const result = await log.append({ room, from, seq, afterSeq: seq - 1, bodyJson, ...last });
    if (result.kind === "appended") say({ acked: { room, seq, offset: result.offset } });
    else say({ answered: result, room, seq });
    return result.kind === "appended";
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    say({ refused: { room, seq, code: error.code, message: error.message }, status: log.status });
    return false;
  }
}

async function main(): Promise<void> {
  const log = await SqliteLog.open({ folder, probeEveryMs: 20 });
  say({ opened: true });
  switch (act) {
    case "hold":
      return;
    case "append": {
      const rooms = ["a", "b", "c", "d", "e"];
      await Promise.all(
        rooms.map(async (room) => {
          const { head } = await log.head(room);
          for (let seq = head + 1; await appendOne(log, room, seq, `"${room}${seq}"`); seq++);
        }),
      );
      return;
    }
    case "fail": {
      log.onStatus((status) => say({ status }));
      let seq = 1;
      while (await appendOne(log, "lobby", seq, '"x"')) seq += 1;
      for (let more = 0; more < Number(count); more++) await appendOne(log, "lobby", seq, '"x"');
      const { messages } = await log.read("lobby", 0, { maxMessages: 1_000, maxBytes: Infinity });
      say({ read: messages.map((message) => message.seq) });
      await log.close();
      return;
    }
    case "fill": {
      const filler = join(folder, "filler");
      await writeFile(filler, Buffer.alloc(3_000_000));
      const statuses: string[] = [];
      const isReady = new Promise<void>((resolve) => {
        log.onStatus((status) => {
          statuses.push(status.kind);
          if (status.kind === "ready") resolve();
        });
      });
      const bodyJson = JSON.stringify("x".repeat(20_000));
      let seq = 1;
      while (await appendOne(log, "lobby", seq, bodyJson)) seq += 1;
      await appendOne(log, "lobby", seq, bodyJson);
      const { messages } = await log.read("lobby", 0, { maxMessages: 10_000, maxBytes: Infinity });
      say({ read: messages.map((message) => message.seq) });
      await rm(filler);
      await isReady;
      for (let more = 0; more < 20; more++) await appendOne(log, "lobby", seq++, bodyJson);
      const seen = [...statuses];
      const last = await log.read("lobby", 0, { maxMessages: 10_000, maxBytes: Infinity });
      await log.close();
      const db = new DatabaseSync(join(folder, "parlor.db"));
      const integrity = db.prepare("PRAGMA integrity_check").get()?.["integrity_check"];
      db.close();
      say({ read: last.messages.map((message) => message.seq), statuses: seen, integrity });
      return;
    }
    case "stall": {
      for (let seq = 1; ; seq++) {
        let isStored = false;
        const append = appendOne(log, "lobby", seq, '"x"').then(() => (isStored = true));
        for (let reads = 0; reads < 60; reads++) await log.read("lobby", 0, { maxMessages: 1, maxBytes: 1 });
        if (!isStored) say({ overtook: seq });
        await append;
        if (seq >= 60) break;
      }
      await log.close();
      return;
    }
    case "power": {
      await Promise.all(
        ["a", "b", "c"].map(async (room) => {
          for (let seq = 1; seq <= Number(count); seq++) {
            await appendOne(log, room, seq, powerBody(room, seq));
            const old = seq - 5;
            if (isEverErased(old) && (await log.redact(room, old))) say({ erased: { room, seq: old } });
          }
        }),
      );
      await log.close();
      return;
    }
    default:
      throw new Error(`child-log.ts can't ${act}`);
  }
}

try {
  await main();
} catch (error) {
  const code = error instanceof CodedError ? error.code : "none";
  say({ threw: { code, message: error instanceof Error ? error.message : String(error) } });
  process.exitCode = 2;
}
