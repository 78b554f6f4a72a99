import { CodedError } from "@parlor/base";
import type { CopyMark } from "@parlor/log";
import type { NatsLink } from "./nats-link.ts";
import type { Subjects } from "./subjects.ts";

const PUBLISH_TIMEOUT_MS = 5_000;

/** Says in the cluster itself that a copy into its log has begun and not ended. */
export class CopyMarks {
  readonly #link: NatsLink;
  readonly #subjects: Subjects;

  constructor(link: NatsLink, subjects: Subjects) {
    this.#link = link;
    this.#subjects = subjects;
  }

  async mark(): Promise<CopyMark | null> {
    const { sideStream, copying } = this.#subjects;
    // The first counts, should two have begun at once.
    const found = await this.#link.next(sideStream, copying, 0);
    return found === null ? null : (JSON.parse(Buffer.from(found.data).toString()) as CopyMark);
  }

  async begin(mark: CopyMark): Promise<void> {
    const before = await this.mark();
    if (before === null) {
      await this.#link.publish(this.#subjects.copying, Buffer.from(JSON.stringify(mark)), PUBLISH_TIMEOUT_MS);
    }
    if ((before ?? (await this.mark()))?.source === mark.source) return;
    throw new CodedError("copying", "another copy into this cluster has begun");
  }

  async end(): Promise<void> {
    const { sideStream, copying } = this.#subjects;
    await this.#link.purge(sideStream, copying);
  }

  /** @throws {CodedError} `bad-log`: only a part of the rooms may be there. */
  async requireNone(): Promise<void> {
    const mark = await this.mark();
    if (mark === null) return;
    throw new CodedError(
      "bad-log",
      `the copy from ${mark.words} into this cluster has not ended, so rooms may be missing; say parlor copy again as before, and it goes on`,
    );
  }
}
