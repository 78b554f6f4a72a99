import type { Clock, Random } from "@parlor/base";
import { randomInteger } from "@parlor/testkit";

/** What one end of a line hears. */
export interface LineEnd {
  text(text: string): void;
  /** The other end is gone, and this one was told. */
  closed(code: number): void;
}

/**
 * One connection between a client and a server: frames arrive late and in order, or the line is cut, or it
 * falls silent and nobody is told, or one end stops taking what the other sends.
 */
export class SimulatedLine {
  /** Nothing more goes through, in either direction; nobody is told. */
  isSilent = false;
  /** The client takes nothing for now. */
  isStalled = false;
  /** Bytes for the client that it has not taken. */
  unsentBytes = 0;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #client: LineEnd;
  readonly #up: string[] = [];
  readonly #down: string[] = [];
  #server: (LineEnd & { drained(unsentBytes: number): void }) | null = null;
  #isOver = false;
  /** Up to this much is added to the way of each frame, ms. */
  extraDelayMs = 0;

  constructor(clock: Clock, random: Random, client: LineEnd) {
    this.#clock = clock;
    this.#random = random;
    this.#client = client;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  accept(server: LineEnd & { drained(unsentBytes: number): void }): void {
    this.#server = server;
  }

  sendUp(text: string): void {
    if (this.#isOver) return;
    this.#up.push(text);
    this.#later(() => {
      const next = this.#up.shift();
      if (next !== undefined && !this.#isOver && !this.isSilent) this.#server?.text(next);
    });
  }

  sendDown(text: string): void {
    if (this.#isOver) return;
    this.unsentBytes += text.length;
    this.#down.push(text);
    this.#later(() => this.#deliverNext());
  }

  /** The client takes again what waits for it. */
  takeOn(): void {
    this.isStalled = false;
    this.#deliverNext();
  }

  /** Both ends lose the line; what is on its way is lost. Each is told in its time, unless it is silent. */
  cut(code = 1006): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const tell = (end: LineEnd | null): void => {
      this.#later(() => {
        if (!this.isSilent) end?.closed(code);
      });
    };
    tell(this.#server);
    tell(this.#client);
  }

  /** The client hangs up. What it sent before still arrives. */
  hangUp(): void {
    this.#later(() => {
      this.#isOver = true;
      if (!this.isSilent) this.#server?.closed(1000);
    });
  }

  /** The server hangs up; what it sent before arrives first. */
  close(code: number): void {
    const finish = (): void => {
      // Of a line that was cut in silence this end learns by giving it up.
      if (this.#isOver) return this.#server?.closed(code);
      if (this.#down.length > 0 && !this.isSilent && !this.isStalled) return this.#later(finish);
      this.#isOver = true;
      if (!this.isSilent) this.#client.closed(code);
      this.#server?.closed(code);
    };
    this.#later(finish);
  }

  #deliverNext(): void {
    if (this.#isOver || this.isStalled) return;
    const text = this.#down.shift();
    if (text === undefined) return;
    if (this.isSilent) return;
    this.unsentBytes -= text.length;
    this.#server?.drained(this.unsentBytes);
    this.#client.text(text);
    // What waited while nothing was taken has no timers of its own any more.
    if (this.#down.length > 0) this.#later(() => this.#deliverNext());
  }

  #later(task: () => void): void {
    this.#clock.after(randomInteger(this.#random, 1, 12 + this.extraDelayMs), task);
  }
}
