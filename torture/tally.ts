/** What happened so far, by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    this.#counts.set(name, this.of(name) + count);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  words(names: readonly string[]): string {
    return names.map((name) => `${this.of(name)} ${name}`).join(", ");
  }
}
