import { type Clock, CodedError, randomId } from "@parlor/base";
import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import { unavailable } from "@parlor/log";
import type { NatsLink } from "./nats-link.ts";
import { Subjects } from "./subjects.ts";

/** A stream as the server says it is. */
export interface StreamReport {
  readonly name: string;
  readonly replicas: number;
  readonly storage: string;
  /** -1 where it may take all that the server has. */
  readonly maxBytes: number;
  readonly discard: string;
}

/** What is said once of a whole log. Whoever says it first is right, for all nodes. */
export interface LogMeta {
  readonly epoch: string;
  readonly shards: number;
}

export interface OpenedStreams {
  readonly subjects: Subjects;
  readonly epoch: string;
  readonly reports: readonly StreamReport[];
}

const TIMEOUT_MS = 5_000;
/** How often, and how long behind each other, it is looked for what a log with rooms has to say of itself. */
const META_LOOKS = 10;
const META_PAUSE_MS = 500;

export interface WantedLog {
  readonly name: string;
  readonly shards: number;
  readonly replicas: number;
  readonly clock: Clock;
  /** Of a log that is made now. @default one that nobody had */
  readonly epoch?: string | undefined;
}

/** Finds the log's streams, or makes them. */
export async function openStreams(
  link: NatsLink,
  { name, shards, replicas, clock, epoch = randomId(12) }: WantedLog,
): Promise<OpenedStreams> {
  const wanted = new Subjects(name, shards);
  const side = await findOrMake(link, { name: wanted.sideStream, subjects: [...wanted.side], replicas });
  const meta = await findOrSayMeta(link, wanted, { epoch, shards }, clock);
  const subjects = new Subjects(name, meta.shards);
  const reports = [side];
  for (let shard = 0; shard < meta.shards; shard++) {
    const republish = {
      src: subjects.records(shard),
      dest: `${subjects.republished(shard)}.{{wildcard(1)}}`,
    };
    const stream = { name: subjects.stream(shard), subjects: [subjects.records(shard)], replicas, republish };
    reports.push(await findOrMake(link, stream));
  }
  return { subjects, epoch: meta.epoch, reports };
}

export interface Wanted {
  readonly name: string;
  readonly subjects: string[];
  readonly replicas: number;
  readonly republish?: { readonly src: string; readonly dest: string };
  /** Messages that are kept of each subject. @default all */
  readonly perSubject?: number;
}

/** @throws {CodedError} `bad-log` where what is there forgets what it should keep. */
export async function findOrMake(link: NatsLink, wanted: Wanted): Promise<StreamReport> {
  const { streams } = link.manager;
  let info: StreamInfo;
  try {
    info = await streams.info(wanted.name);
  } catch {
    try {
      info = await streams.add(configuration(wanted));
    } catch (whyNot) {
      // Another node made it meanwhile, or it can't be made.
      info = await streams.info(wanted.name).catch(() => Promise.reject(whyNot));
    }
  }
  const { config } = info;
  const faults = [
    config.max_age === 0 ? null : "forgets by age (max_age)",
    config.max_msgs === -1 ? null : "forgets by number (max_msgs)",
    config.max_msgs_per_subject === (wanted.perSubject ?? -1)
      ? null
      : "forgets by number (max_msgs_per_subject)",
    config.discard === DiscardPolicy.New ? null : "forgets old records where it is full (discard)",
    config.allow_direct ? null : "does not allow direct gets (allow_direct)",
    wanted.republish === undefined || config.republish?.src === wanted.republish.src
      ? null
      : "does not republish its records (republish)",
  ].filter((fault) => fault !== null);
  if (faults.length > 0) {
    throw new CodedError("bad-log", `the stream ${wanted.name} can't hold rooms: it ${faults.join(" and ")}`);
  }
  const { num_replicas: replicas, storage, max_bytes: maxBytes, discard } = config;
  return { name: wanted.name, replicas, storage, maxBytes, discard };
}

function configuration(wanted: Wanted): Partial<StreamConfig> & { name: string } {
  return {
    name: wanted.name,
    subjects: wanted.subjects,
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    num_replicas: wanted.replicas,
    allow_direct: true,
    ...(wanted.perSubject === undefined ? {} : { max_msgs_per_subject: wanted.perSubject }),
    ...(wanted.republish === undefined ? {} : { republish: wanted.republish }),
  };
}

/** What the log says of itself; null where nothing does, or its stream's leader has not caught up. */
export async function readLogMeta(link: NatsLink, { sideStream, meta }: Subjects): Promise<LogMeta | null> {
  const first = await link.next(sideStream, meta, 0);
  return first === null ? null : (JSON.parse(Buffer.from(first.data).toString()) as LogMeta);
}

async function findOrSayMeta(
  link: NatsLink,
  subjects: Subjects,
  proposed: LogMeta,
  clock: Clock,
): Promise<LogMeta> {
  const said = await readLogMeta(link, subjects);
  if (said !== null) return said;
  const holder = await streamWithRecords(link, subjects);
  if (holder !== null) return await awaitMeta(link, subjects, holder, clock);
  await link.publish(subjects.meta, Buffer.from(JSON.stringify(proposed)), TIMEOUT_MS);
  return await findOrSayMeta(link, subjects, proposed, clock);
}

async function streamWithRecords(link: NatsLink, subjects: Subjects): Promise<string | null> {
  for (let shard = 0; shard < subjects.shards; shard++) {
    const stream = subjects.stream(shard);
    const end = await link.endIfThere(stream);
    if (end !== null && end.bytes > 0) return stream;
  }
  return null;
}

/**
 * Streams of records are made behind what the log says of itself. Where one holds some without it, another node said it
 * just now, or a new leader does not know of it yet; else it was lost, and all rooms would be void under another epoch,
 * and be removed.
 */
async function awaitMeta(link: NatsLink, subjects: Subjects, holder: string, clock: Clock): Promise<LogMeta> {
  for (let looks = 0; looks < META_LOOKS; looks++) {
    await new Promise<void>((resolve) => void clock.after(META_PAUSE_MS, resolve));
    const said = await readLogMeta(link, subjects);
    if (said !== null) return said;
  }
  const lost = `the stream ${subjects.sideStream} lost what it said of the log`;
  throw unavailable(`${lost}, and ${holder} holds rooms: restore it, or delete both to begin anew`);
}
