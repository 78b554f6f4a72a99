import type { TransportClose, TransportListener } from "@parlor/client";

/** A transport's listener that keeps what it was told, in order. */
export class Heard implements TransportListener {
  readonly all: (string | TransportClose)[] = [];
  /** What the opening is at this moment. */
  frames: readonly string[];
  /** Runs at each call, with what was told. */
  onEach: (told: string | TransportClose) => void = () => undefined;

  constructor(frames: readonly object[]) {
    this.frames = frames.map((frame) => JSON.stringify(frame));
  }

  /** The frames among what was told. */
  get texts(): string[] {
    return this.all.filter((each): each is string => typeof each === "string" && each.startsWith("{"));
  }

  get closes(): TransportClose[] {
    return this.all.filter((each): each is TransportClose => typeof each !== "string");
  }

  /** Fulfils when what was told is as asked. */
  until(isEnough: (heard: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (isEnough(this)) resolve();
      };
      const { onEach } = this;
      this.onEach = (told) => {
        onEach(told);
        check();
      };
      check();
    });
  }

  opening(): readonly string[] {
    return this.frames;
  }

  onOpen(): void {
    this.#tell("open");
  }

  onText(text: string): void {
    this.#tell(text);
  }

  onLife(): void {
    this.#tell("life");
  }

  onClose(close: TransportClose): void {
    this.#tell(close);
  }

  #tell(told: string | TransportClose): void {
    this.all.push(told);
    this.onEach(told);
  }
}
