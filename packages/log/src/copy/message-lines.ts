import type { StoredMessage } from "../room-log.ts";

/** A message as text; two messages are the same where that is. */
export function lineOf({ offset, from, producer, seq, at, re, bodyJson }: StoredMessage): string {
  return JSON.stringify([offset, from, producer, seq, at, re ?? null, bodyJson]);
}

export async function* oneByOne(
  pages: AsyncIterable<readonly StoredMessage[]>,
): AsyncGenerator<StoredMessage> {
  for await (const page of pages) yield* page;
}
