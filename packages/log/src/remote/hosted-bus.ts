import { encodeLinkFrame, type LinkFrame } from "./link-frame.ts";
import { MAX_BUS_WAITING_BYTES, readBusFrame } from "./remote-bus.ts";

/** A worker, as the bus of the owner has it. */
export interface BusMember {
  /** Bytes that it has not taken. */
  readonly waitingBytes: number;
  /** It was not told something. */
  missed(): void;
  /** Writes a frame that was encoded once for all. */
  sendBytes(bytes: Buffer): void;
}

/** Who of the workers listens to which channel, at the owner, and what they say to each other. */
export class HostedBus {
  readonly #listeners = new Map<string, Set<BusMember>>();

  listen(channel: string, member: BusMember): void {
    const members = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, members.add(member));
  }

  unlisten(channel: string, member: BusMember): void {
    const members = this.#listeners.get(channel);
    if (members?.delete(member) === true && members.size === 0) this.#listeners.delete(channel);
  }

  leave(member: BusMember): void {
    for (const channel of [...this.#listeners.keys()]) this.unlisten(channel, member);
  }

  /** Passes on what one worker said to the others that listen; it has told its own listeners itself. */
  relay(frame: LinkFrame, from: BusMember): void {
    const members = this.#listeners.get(readBusFrame(frame).channel);
    if (members === undefined) return;
    let bytes: Buffer | null = null;
    for (const member of members) {
      if (member === from) continue;
      if (member.waitingBytes > MAX_BUS_WAITING_BYTES) member.missed();
      else member.sendBytes((bytes ??= encodeLinkFrame(frame)));
    }
  }
}
