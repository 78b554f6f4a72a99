/** How long a process may be silent before it counts as dead, ms: some beats, and longer than identities linger. */
export const SILENT_MS = 7_000;

/** How long what a process said stays when it has stopped: its connections are finding another one. */
const AFTER_BYE_MS = 5_000;

interface Peer {
  /** What it said of changes, up to here. */
  seq: number;
  /** It is no more from then on, unless it is heard before. */
  endMs: number;
  hasStopped: boolean;
}

/**
 * The other processes: which there are, and whether anything that they said was missed.
 *
 *     beat 7, put 8, put 9    fine
 *     put 9, put 11           10 was missed: all that it says has to be asked for
 *     beat 11, (7 s nothing)  it is dead, and nobody is there by it
 */
export class PresencePeers {
  readonly #peers = new Map<string, Peer>();
  readonly #on: { dropped(node: string): void; missed(node: string): void };

  constructor(on: { dropped(node: string): void; missed(node: string): void }) {
    this.#on = on;
  }

  get size(): number {
    return this.#peers.size;
  }

  names(): string[] {
    return [...this.#peers.keys()];
  }

  /** A word with the number `seq`; `isChange` where that number is its own. */
  hear(node: string, seq: number, isChange: boolean, nowMs: number): void {
    const peer = this.#peers.get(node);
    if (peer === undefined) {
      this.#peers.set(node, { seq, endMs: nowMs + SILENT_MS, hasStopped: false });
      return this.#on.missed(node);
    }
    const expected = isChange ? peer.seq + 1 : peer.seq;
    peer.seq = Math.max(peer.seq, seq);
    if (!peer.hasStopped) peer.endMs = nowMs + SILENT_MS;
    if (seq > expected) this.#on.missed(node);
  }

  bye(node: string, nowMs: number): void {
    const peer = this.#peers.get(node);
    if (peer === undefined || peer.hasStopped) return;
    peer.hasStopped = true;
    peer.endMs = nowMs + AFTER_BYE_MS;
  }

  /** This process itself stood still: what others said meanwhile is only coming in. */
  forgive(nowMs: number): void {
    for (const peer of this.#peers.values()) peer.endMs = Math.max(peer.endMs, nowMs + SILENT_MS / 2);
  }

  tick(nowMs: number): void {
    for (const [node, { endMs }] of this.#peers) {
      if (endMs > nowMs) continue;
      this.#peers.delete(node);
      this.#on.dropped(node);
    }
  }
}
