import { createHash } from "node:crypto";
import { JetStreamApiError } from "@nats-io/jetstream";
import { type Clock, CodedError, randomId, systemClock } from "@parlor/base";
import { type Blob, type BlobStore, isBlobHash, type PutPart, type StoredThing } from "@parlor/log";
import { decodeManifest, encodeManifest, type FileManifest, NEEDED_PAYLOAD_BYTES } from "./file-manifest.ts";
import { FilePieces } from "./file-pieces.ts";
import { type FileKind, FileSubjects } from "./file-subjects.ts";
import { findOrMake, type StreamReport } from "./log-streams.ts";
import { asUnavailable, NatsLink } from "./nats-link.ts";
import { credentialsOf, type NatsLogOptions, resolveNatsLogOptions } from "./nats-log-options.ts";

/** What the servers call a stream that is not there. */
const NO_STREAM = 10_059;
const PART_NAME = /^[A-Za-z0-9_-]{22}$/;

/**
 * Opens the files of a log on NATS, and makes their stream where there is none: over a connection of its own, so that
 * no message waits behind a file.
 *
 * @throws {CodedError} `bad-log` where the stream that is there forgets, or the servers take no message of 1 MiB;
 *   `unavailable` where the cluster does not answer
 */
export async function openNatsBlobs(options: NatsLogOptions): Promise<NatsBlobStore> {
  const resolved = resolveNatsLogOptions(options);
  let link: NatsLink | null = null;
  try {
    link = await NatsLink.connect({
      servers: [...resolved.servers],
      name: `parlor files ${options.nodeId ?? ""}`,
      ...credentialsOf(resolved),
    });
    const { info } = link.connection;
    if (info !== undefined && info.max_payload < NEEDED_PAYLOAD_BYTES)
      throw new CodedError("bad-log", `files need a max_payload of ${NEEDED_PAYLOAD_BYTES} bytes or more`);
    const subjects = new FileSubjects(resolved.name);
    const report = await findOrMake(link, {
      name: subjects.stream,
      subjects: [subjects.all],
      replicas: resolved.replicas ?? (info?.cluster === undefined ? 1 : 3),
      perSubject: 1,
    });
    return new NatsBlobStore(link, subjects, report, options.clock ?? systemClock);
  } catch (error) {
    await link?.close();
    throw error instanceof CodedError && error.code === "bad-log" ? error : asUnavailable(error);
  }
}

/** The stream of a log's files; null where there is none, or none of them. */
export async function findNatsFiles(options: NatsLogOptions): Promise<string | null> {
  const resolved = resolveNatsLogOptions(options);
  const link = await NatsLink.connect({ servers: [...resolved.servers], ...credentialsOf(resolved) });
  const { stream } = new FileSubjects(resolved.name);
  try {
    return (await link.manager.streams.info(stream)).state.messages > 0 ? stream : null;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.apiError().err_code === NO_STREAM) return null;
    throw asUnavailable(error);
  } finally {
    await link.close();
  }
}

/**
 * Blobs on JetStream: pieces of 128 KiB on subjects of their own, and a manifest that is stored behind them, with the
 * SHA-256 of each. So what has its name is whole, a range is read without the rest, and a copy of the stream that lags or
 * is wrong is found out by each piece, and another one asked. See `docs/adr/0031-files-on-nats.md`.
 */
export class NatsBlobStore implements BlobStore {
  readonly stream: StreamReport;
  readonly #link: NatsLink;
  readonly #subjects: FileSubjects;
  readonly #pieces: FilePieces;
  readonly #clock: Clock;

  constructor(link: NatsLink, subjects: FileSubjects, stream: StreamReport, clock: Clock) {
    this.#link = link;
    this.#subjects = subjects;
    this.stream = stream;
    this.#clock = clock;
    this.#pieces = new FilePieces(link, subjects, clock);
  }

  async putPart(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<PutPart> {
    const part = randomId(22);
    try {
      const written = await this.#pieces.write(part, upTo(maxBytes, bytes));
      await this.#name("part", part, written);
      return { part, bytes: written.size };
    } catch (error) {
      // Where that can't be done either, `list` shows what stayed.
      await this.dropParts([part]).catch(() => undefined);
      throw error;
    }
  }

  async assemble(parts: readonly string[]): Promise<Blob> {
    const found: { readonly part: string; readonly manifest: FileManifest }[] = [];
    for (const part of parts) {
      const manifest = PART_NAME.test(part) ? await this.#find("part", part) : null;
      if (manifest === null) throw noPart(part);
      found.push({ part, manifest });
    }
    const read = (): AsyncIterable<Uint8Array> => this.#readParts(found);
    const digest = createHash("sha256");
    let size = 0;
    for await (const chunk of read()) {
      digest.update(chunk);
      size += chunk.length;
    }
    const hash = digest.digest("hex");
    // Two that make it at once store the same bytes on the same subjects; one that fails takes nothing of it away.
    const whole = await this.#whole(hash);
    await this.#name("blob", hash, whole ?? (await this.#pieces.write(hash, read())));
    return { hash, size };
  }

  async size(hash: string): Promise<number | null> {
    if (!isBlobHash(hash)) return null;
    return (await this.#whole(hash))?.size ?? null;
  }

  async *read(hash: string, start: number, end: number): AsyncIterable<Uint8Array> {
    const manifest = isBlobHash(hash) ? await this.#find("blob", hash) : null;
    if (manifest === null) throw new CodedError("no-blob", `There is no blob ${JSON.stringify(hash)}.`);
    yield* this.#pieces.read(hash, manifest, start, end);
  }

  async delete(hash: string): Promise<boolean> {
    if (!isBlobHash(hash)) return false;
    return await orUnavailable(async () => {
      const was = await this.#atLeader(hash);
      await this.#remove("blob", hash);
      return was !== null;
    });
  }

  async dropParts(parts: readonly string[]): Promise<void> {
    await orUnavailable(async () => {
      for (const part of parts) if (PART_NAME.test(part)) await this.#remove("part", part);
    });
  }

  async *list(): AsyncIterable<StoredThing> {
    const { stream, firstPieces } = this.#subjects;
    const named = new Set<string>();
    for (const kind of ["part", "blob"] as const) {
      for (const name of await this.#names(this.#subjects.manifests(kind))) {
        named.add(name);
        const madeAt = await this.#link.timeOfLast(stream, this.#subjects.manifest(kind, name));
        if (madeAt !== null) yield { kind, name, madeAt };
      }
    }
    // What has no manifest is on its way, or was left by who died.
    for (const name of await this.#names(firstPieces)) {
      if (named.has(name)) continue;
      const madeAt = await this.#link.timeOfLast(stream, this.#subjects.piece(name, 0));
      if (madeAt !== null) yield { kind: isBlobHash(name) ? "blob" : "part", name, madeAt };
    }
  }

  /** Of what the stream may hold; where it may take all that the servers have, they say when that is full. */
  async freeBytes(): Promise<number> {
    const { config, state } = await orUnavailable(() =>
      this.#link.manager.streams.info(this.#subjects.stream),
    );
    return config.max_bytes > 0 ? Math.max(0, config.max_bytes - state.bytes) : Infinity;
  }

  async close(): Promise<void> {
    await this.#link.close();
  }

  async #name(kind: FileKind, name: string, made: Omit<FileManifest, "madeAt">): Promise<void> {
    const manifest = encodeManifest({ ...made, madeAt: this.#clock.now() });
    await this.#pieces.publish(this.#subjects.manifest(kind, name), manifest);
  }

  /** From whichever copy has one: all that a name ever had say the same, but for the time. */
  async #find(kind: FileKind, name: string): Promise<FileManifest | null> {
    const found = await orUnavailable(() =>
      this.#link.findLast(
        this.#subjects.stream,
        this.#subjects.manifest(kind, name),
        (data) => decodeManifest(data) !== null,
      ),
    );
    return found === null ? null : decodeManifest(found.data);
  }

  /** The blob's manifest where the leader knows it and every piece of it: who deleted others at once may have left some. */
  async #whole(hash: string): Promise<FileManifest | null> {
    return await orUnavailable(async () => {
      const manifest = await this.#atLeader(hash);
      if (manifest === null || (await this.#pieces.count(hash)) !== manifest.sums.length) return null;
      return manifest;
    });
  }

  async #atLeader(hash: string): Promise<FileManifest | null> {
    const { stream } = this.#subjects;
    const found = await this.#link.lastAtLeader(stream, this.#subjects.manifest("blob", hash));
    return found === null ? null : decodeManifest(found.data);
  }

  async #remove(kind: FileKind, name: string): Promise<void> {
    await this.#link.purge(this.#subjects.stream, this.#subjects.manifest(kind, name));
    await this.#pieces.remove(name);
  }

  async #names(filter: string): Promise<readonly string[]> {
    const subjects = await orUnavailable(() => this.#link.subjects(this.#subjects.stream, filter));
    return Object.keys(subjects).map((subject) => this.#subjects.nameOf(subject));
  }

  async *#readParts(
    parts: readonly { readonly part: string; readonly manifest: FileManifest }[],
  ): AsyncIterable<Uint8Array> {
    for (const { part, manifest } of parts) yield* this.#pieces.read(part, manifest, 0, manifest.size);
  }
}

async function* upTo(maxBytes: number, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let left = maxBytes;
  if (left <= 0) return;
  for await (const chunk of bytes) {
    const fitting = chunk.subarray(0, left);
    left -= fitting.length;
    yield fitting;
    if (left <= 0) return;
  }
}

function noPart(part: string): CodedError {
  return new CodedError("no-part", `There is no part ${JSON.stringify(part)}.`);
}

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CodedError ? error : asUnavailable(error);
  }
}
