import { CodedError } from "@parlor/base";
import { unavailable } from "@parlor/log";
import { readLogMeta } from "./log-streams.ts";
import { type NatsLink, StreamIsGone } from "./nats-link.ts";
import type { Subjects } from "./subjects.ts";

/**
 * Whether the streams still hold the log that this node began with.
 *
 * Streams can be made anew while a node runs: servers that lost their disks, or somebody who deleted them, and a node
 * that was started then. Rooms of the new log have another epoch, so whoever went on with the old one would take for
 * valid what all others take for void, and acknowledge what nobody else has.
 */
export class SameLog {
  readonly #link: NatsLink;
  readonly #subjects: Subjects;
  readonly #epoch: string;
  readonly #onOther: (message: string) => void;
  /** When each stream was made, of those that were found to be this log's. */
  readonly #madeAt = new Map<string, string>();

  /** @param onOther  Told, in words, that the streams hold another log. It does not become the same again. */
  constructor(link: NatsLink, subjects: Subjects, epoch: string, onOther: (message: string) => void) {
    this.#link = link;
    this.#subjects = subjects;
    this.#epoch = epoch;
    this.#onOther = onOther;
  }

  /** Looks closer where a stream was made at another time than it was. Rejects where it is not known to be the log's. */
  async see(stream: string, madeAt: string): Promise<void> {
    if (this.#madeAt.get(stream) === madeAt) return;
    await this.confirm();
    this.#madeAt.set(stream, madeAt);
  }

  /** Fulfils where the cluster says, behind this call, that it holds this log. */
  async confirm(): Promise<void> {
    const meta = await readLogMeta(this.#link, this.#subjects);
    if (meta === null) {
      throw unavailable(`the stream ${this.#subjects.sideStream} does not say which log it holds any more`);
    }
    if (meta.epoch === this.#epoch) return;
    const message =
      "the NATS cluster holds another log than when this node started; start it anew to serve that one";
    this.#onOther(message);
    throw unavailable(message);
  }
}

/** In words, why a stream takes nothing, where that is more than that nobody answers. */
export function whyNotLed(error: unknown): string | undefined {
  return error instanceof StreamIsGone || error instanceof CodedError ? error.message : undefined;
}
