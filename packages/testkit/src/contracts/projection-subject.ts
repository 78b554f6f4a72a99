import type { StoredMessage } from "@parlor/log";
import type { Projection, ReaderPosition, ReaderStep } from "@parlor/server/projections";

/** A projection, not opened so far, and what its effects left. */
export interface ProjectionSubject {
  readonly projection: Projection;
  /**
   * Offsets of a room's messages that have their effect now, ascending; one that had it twice is there twice.
   * Asked while the projection is open. The messages are `said`'s, and each is to have an effect that keeps its text.
   */
  readonly effects: (room: string) => Promise<readonly number[]>;
}

/** What a module exports that the contract imports, also in processes that it kills. */
export interface ProjectionModule {
  /** @param path  Of the projection's file; `:memory:` where it is kept in memory. */
  readonly subjectAt: (path: string) => ProjectionSubject;
}

/** Messages of one author, from an offset on. */
export function said(from: number, count: number): StoredMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const offset = from + index;
    const bodyJson = JSON.stringify({ text: `said nr${offset}`, name: "Ada" });
    return { offset, from: "ada", producer: "producer1", seq: offset, at: 1_000 + offset, bodyJson };
  });
}

/** The step that reads messages, of which there is one at least. */
export function readingStep(
  room: string,
  before: ReaderPosition | null,
  messages: readonly StoredMessage[],
  epoch = before?.epoch ?? "epoch1",
): ReaderStep {
  const { offset = 0, at = 0 } = messages.at(-1) ?? {};
  return { kind: "messages", room, before, after: { epoch, offset, at }, messages };
}
