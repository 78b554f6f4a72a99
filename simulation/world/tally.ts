/** What happened, by name, in one run or in many. */
export class Tally {
  readonly counts = new Map<string, number>();

  add(name: string, by = 1): void {
    if (by > 0) this.counts.set(name, this.of(name) + by);
  }

  of(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  addAll(other: Iterable<readonly [string, number]>): void {
    for (const [name, count] of other) this.add(name, count);
  }
}
