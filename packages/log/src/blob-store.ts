/**
 * The port of files' bytes: blobs that are named by the SHA-256 of what they hold, made of parts.
 *
 * A part is what one request brought. It is whole and never changes once it has its name, so however many
 * requests bring the same bytes at once, and whichever of them are cut, none can spoil another's. Which parts
 * belong together, and who may have a blob, is not the store's matter: that is the ledger of files's.
 *
 * Durability: when a promise of `putPart` or `assemble` fulfils, what it made survives a crash of this process
 * and a power cut. Before that nothing of it can be seen under its name.
 *
 * All methods may overlap, in one process and in several over the same place. Each implementation runs
 * `describeBlobStoreContract` of the testkit.
 *
 * Errors: every method rejects with a `CodedError` whose code is `unavailable` where the storage cannot do it
 * now; the sentence says why (the disk is full, …), and nothing of it is kept.
 */
export interface BlobStore {
  /**
   * Stores what comes, up to `maxBytes`, as a part of its own, and says what it is called and how much it is.
   * Where `bytes` throws, nothing is kept; whoever wants what came before a cut ends it instead. What comes
   * beyond `maxBytes` is not read.
   */
  putPart(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<PutPart>;

  /**
   * Makes a blob of parts, in this order, and says its name and size. The parts stay. Where that blob is there
   * already nothing is stored a second time, and it counts as made now (`list`).
   * @throws {CodedError} `no-part` where one of them is not there.
   */
  assemble(parts: readonly string[]): Promise<Blob>;

  /**
   * How large a blob is; null where there is none of that name. A store of several copies may say that of one that it
   * has, and never the other way round: for who would store it again. Whoever would miss it reads it.
   */
  size(hash: string): Promise<number | null>;

  /**
   * The bytes from `start` on up to `end`, exclusive, or to the blob's own. Whoever began to read reads on where the blob is deleted
   * meanwhile, or gets an error; never other bytes.
   * @throws {CodedError} `no-blob` where there is none, when the reading begins.
   */
  read(hash: string, start: number, end: number): AsyncIterable<Uint8Array>;

  /** Deletes a blob; false where there was none. */
  delete(hash: string): Promise<boolean>;

  /** Deletes parts; those that are not there are passed over. */
  dropParts(parts: readonly string[]): Promise<void>;

  /** Every blob and part, in any order, with when it was made, ms since 1970: for who looks for what nobody wants. */
  list(): AsyncIterable<StoredThing>;

  /** Bytes that can still be stored; `Infinity` where the store can't say. */
  freeBytes(): Promise<number>;
}

export interface PutPart {
  readonly part: string;
  readonly bytes: number;
}

export interface Blob {
  /** SHA-256, 64 characters of 0-9 and a-f. */
  readonly hash: string;
  readonly size: number;
}

export interface StoredThing {
  readonly kind: "blob" | "part";
  readonly name: string;
  readonly madeAt: number;
}

/** Whether something can be the name of a blob. */
export function isBlobHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}
