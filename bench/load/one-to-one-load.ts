import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readBenchText, writeBenchText } from "./bench-text.ts";
import type { DialectName } from "./dialects/dialect.ts";
import { findDialect } from "./dialects/find.ts";
import { Latencies, type LatencySummary } from "./latencies.ts";
import { RawSocket } from "./raw-socket.ts";
import { TextSink } from "./sinks.ts";

export interface OneToOneOptions {
  readonly port: number;
  readonly dialect: DialectName;
  readonly messages: number;
  readonly messageBytes: number;
  /** A folder on the disk that the server writes to. */
  readonly folder: string;
}

export interface OneToOneResult {
  /** From publish to the subscriber's having parsed it. */
  readonly delivery: LatencySummary;
  /** Writing a page at the end of a file and waiting until it is on the disk. */
  readonly sync: LatencySummary;
}

/** Messages before the ones that count: code is compiled, the log's file is there. */
const WARM_UP = 50;
const PAGE_BYTES = 4_096;

/** Idle time between two messages: at least, and at most, in ms. */
const PAUSE_MS = { least: 4, most: 8 };

/**
 * One publishes, another hears it, and nothing else goes on. After each message the same disk is asked
 * for one bare write and fsync, so that a disk in a bad mood is seen in both.
 */
export async function runOneToOne(options: OneToOneOptions): Promise<OneToOneResult> {
  const dialect = findDialect(options.dialect);
  const { path, subprotocol } = dialect;
  const address = { port: options.port, path, subprotocol };
  const joined = Promise.withResolvers<void>();
  const read = dialect.reader();
  let frames = 0;
  let onCount: (count: number) => void = () => {};
  const subscriber = await RawSocket.open(
    address,
    new TextSink((frame) => {
      frames += 1;
      if (frames === dialect.framesToJoin) joined.resolve();
      for (const text of read(frame)) onCount(readBenchText(text)?.count ?? 0);
    }),
  );
  for (const frame of dialect.join(0)) subscriber.send(frame);
  if (dialect.framesToJoin > 0) await joined.promise;
  const publisher = await RawSocket.open(address, new TextSink(() => {}));
  // Only the hello: whoever publishes need not subscribe.
  for (const frame of dialect.join(1).slice(0, 1)) publisher.send(frame);

  const file = join(options.folder, `bare-${process.pid}`);
  const descriptor = openSync(file, "w");
  const page = Buffer.alloc(PAGE_BYTES, "x");
  const delivery = new Latencies();
  const sync = new Latencies();
  for (let count = 1; count <= WARM_UP + options.messages; count++) {
    await delay(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
    const heard = new Promise<void>((resolve) => {
      onCount = (heardCount) => heardCount === count && resolve();
    });
    const startedMs = performance.now();
    const text = writeBenchText({ publisher: 1, count, dueMs: startedMs }, options.messageBytes);
    publisher.send(dialect.publish(text, count));
    await heard;
    if (count > WARM_UP) delivery.add(performance.now() - startedMs);
    await delay(PAUSE_MS.least);
    const syncStartedMs = performance.now();
    writeSync(descriptor, page);
    fsyncSync(descriptor);
    if (count > WARM_UP) sync.add(performance.now() - syncStartedMs);
  }
  closeSync(descriptor);
  rmSync(file);
  subscriber.close();
  publisher.close();
  return { delivery: delivery.summary(), sync: sync.summary() };
}
