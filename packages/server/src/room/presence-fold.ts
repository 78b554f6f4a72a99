/** What one process says of one identity in a room. */
export interface PresenceEntry {
  /** JSON text; null where no connection of it told one. */
  readonly profileJson: string | null;
  /** Wall clock of the connection whose profile it is, ms. */
  readonly at: number;
}

/**
 * Who is in a room: the union of what each process says of its own connections, and nothing else. So it does
 * not matter in which order processes are heard, how often, or which of them knew first.
 *
 *     process a:  ada {"name":"Ada"}        ┐
 *     process b:  ada {"name":"A."}, bob    ┘─▶  ada (the newer of both profiles), bob
 *
 * Rules: docs/protocol.md, PRESENCE-.
 */
export class PresenceFold {
  /** Everybody, with the profile that is shown. */
  readonly shown = new Map<string, string | null>();
  readonly #views = new Map<string, Map<string, PresenceEntry>>();
  readonly #onChange: (identity: string) => void;

  /** @param onChange  Called for each identity that came, left, or shows another profile. */
  constructor(onChange: (identity: string) => void) {
    this.#onChange = onChange;
  }

  put(node: string, identity: string, entry: PresenceEntry): void {
    let view = this.#views.get(node);
    if (view === undefined) this.#views.set(node, (view = new Map()));
    view.set(identity, entry);
    this.#look(identity);
  }

  end(node: string, identity: string): void {
    const view = this.#views.get(node);
    if (view?.delete(identity) !== true) return;
    if (view.size === 0) this.#views.delete(node);
    this.#look(identity);
  }

  /** All that a process says: whoever it does not name is not there by it. */
  replace(node: string, entries: ReadonlyMap<string, PresenceEntry>): void {
    const before = this.#views.get(node);
    if (entries.size === 0) this.#views.delete(node);
    else this.#views.set(node, new Map(entries));
    for (const identity of before?.keys() ?? []) if (!entries.has(identity)) this.#look(identity);
    for (const identity of entries.keys()) this.#look(identity);
  }

  /** What a process says of an identity. */
  entryOf(node: string, identity: string): PresenceEntry | undefined {
    return this.#views.get(node)?.get(identity);
  }

  /** All that a process says. */
  entriesOf(node: string): ReadonlyMap<string, PresenceEntry> | undefined {
    return this.#views.get(node);
  }

  /** A process is no more. */
  drop(node: string): void {
    this.replace(node, new Map());
  }

  #look(identity: string): void {
    const before = this.shown.get(identity);
    const entry = this.#newest(identity);
    if (entry === null) {
      if (this.shown.delete(identity)) this.#onChange(identity);
      return;
    }
    if (before === entry.profileJson) return;
    this.shown.set(identity, entry.profileJson);
    this.#onChange(identity);
  }

  /** One that tells a profile before one that does not, then the newest; the node's name decides between equals. */
  #newest(identity: string): PresenceEntry | null {
    let best: PresenceEntry | null = null;
    let bestNode = "";
    for (const [node, view] of this.#views) {
      const entry = view.get(identity);
      if (entry === undefined) continue;
      if (best !== null && !isBefore(best, bestNode, entry, node)) continue;
      best = entry;
      bestNode = node;
    }
    return best;
  }
}

function isBefore(a: PresenceEntry, aNode: string, b: PresenceEntry, bNode: string): boolean {
  if ((a.profileJson === null) !== (b.profileJson === null)) return a.profileJson === null;
  return a.at === b.at ? aNode < bNode : a.at < b.at;
}
