/** One publish as it lies on disk, from before it may be sent until it is answered for good. */
export interface KeptPublish {
  readonly producer: string;
  readonly room: string;
  readonly seq: number;
  /** The body, as JSON text. */
  readonly json: string;
  /** Of `json`, as UTF-8. */
  readonly bytes: number;
  readonly re: number | undefined;
  /** When it was written, ms since 1970 by the clock of the page, which may be wrong. */
  readonly writtenAt: number;
  /** The identity that it may have been sent as; empty: it was never sent. */
  readonly sentAs: string;
  /** Where the room stood, as far as known, before it was first sent. */
  readonly sentBehind: { readonly epoch: string; readonly offset: number } | null;
  /** It is over without being stored, or that can't be known; it lies there for people to see. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
}

/** What tells one kept publish from every other. */
export type KeptKey = Pick<KeptPublish, "producer" | "room" | "seq">;

/** A producer that has publishes on disk. */
export interface KeptProducer {
  readonly producer: string;
  /** Whose they are: the server, and the owner there. Nobody else takes them over. */
  readonly scope: string;
  /** When the row was written, ms since 1970. */
  readonly since: number;
}

/** What is to become of a store at once: all of it, or nothing. */
export interface StoreChange {
  readonly producer: KeptProducer;
  readonly puts: readonly KeptPublish[];
  readonly removes: readonly KeptKey[];
}

/**
 * The port that keeps publishes beyond the page.
 *
 * One change is one transaction: when `write` fulfils it survives the page's death, when it rejects nothing of it is
 * there. Changes are made in the order of the calls. Several pages use one store at a time; who may touch which
 * producer's records is settled elsewhere (claims.ts).
 *
 * Every method rejects with a `StorageFault`: `quota` where there is no room left, else `storage`.
 */
export interface OutboxStore {
  producers(): Promise<readonly KeptProducer[]>;
  /** Ascending by room and seq. */
  list(producer: string): Promise<readonly KeptPublish[]>;
  /** Puts the producer's row, too, so that others find what is written. */
  write(change: StoreChange): Promise<void>;
  /** Takes away the producer's row and whatever is left of its records. */
  forget(producer: string): Promise<void>;
  close(): void;
}
