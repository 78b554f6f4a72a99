import { MemoryLog, type Page, type Tail, type TailEvent } from "@parlor/log";

/** A log whose reads back in history never end, and whose tails can be told that they missed something. */
export class OddLog extends MemoryLog {
  readonly #listeners: (() => void)[] = [];

  override readBefore(): Promise<Page> {
    return new Promise(() => undefined);
  }

  override async tail(room: string, listener: (event: TailEvent) => void): Promise<Tail> {
    const { epoch, head, earliest } = await this.head(room);
    this.#listeners.push(() => listener({ kind: "missed", epoch, head, earliest }));
    return super.tail(room, listener);
  }

  tellMissed(): void {
    for (const tell of this.#listeners) tell();
  }
}
