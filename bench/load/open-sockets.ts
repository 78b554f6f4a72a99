/** Handshakes under way at once: below the backlog that systems keep for a listener. */
const AT_ONCE = 100;

/** Opens `count` of something in order, a hundred at a time. Rejects with the first failure. */
export async function openMany<T>(count: number, open: (index: number) => Promise<T>): Promise<T[]> {
  const opened: T[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => from + i);
    opened.push(...(await Promise.all(indexes.map(open))));
  }
  return opened;
}
