import type { ChildProcess } from "node:child_process";
import type { Clock, Random, TimerHandle } from "@parlor/base";
import type { FromChild, ToChild } from "./messages.ts";
import { RestartPace } from "./restart-pace.ts";

export interface KeptProcessOptions {
  /** As it stands in a sentence: "Worker 2". */
  readonly name: string;
  readonly start: ToChild & { kind: "start" };
  readonly spawn: () => ChildProcess;
  readonly clock: Clock;
  readonly random: Random;
  readonly onMessage: (message: FromChild) => void;
  /** It died without being asked to; whoever hears of it may `stop` or `kill` in place of the restart. */
  readonly onDeath: (sentence: string, code: number | null) => void;
}

/** One process that is to be there: it is started, and started again whenever it dies, until it is stopped. */
export class KeptProcess {
  readonly #options: KeptProcessOptions;
  readonly #pace = new RestartPace();
  readonly #gone: Promise<void>;
  #noteGone: () => void = () => undefined;
  #child: ChildProcess | null = null;
  #startedMs = 0;
  #restart: TimerHandle | null = null;
  #isWanted = true;

  constructor(options: KeptProcessOptions) {
    this.#options = options;
    this.#gone = new Promise((resolve) => (this.#noteGone = resolve));
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Asks it to end in good order. Fulfils when it is gone, however it went. */
  stop(): Promise<void> {
    this.#giveUp();
    // One that died just now can't be asked any more; that it is gone is told all the same.
    this.#child?.send({ kind: "stop" } satisfies ToChild, () => undefined);
    return this.#gone;
  }

  /** Ends it. What it accepted and did not answer is asked again by whoever waits for it. */
  kill(): Promise<void> {
    this.#giveUp();
    this.#child?.kill("SIGKILL");
    return this.#gone;
  }

  #giveUp(): void {
    this.#isWanted = false;
    if (this.#restart !== null) this.#options.clock.cancel(this.#restart);
    if (this.#child === null) this.#noteGone();
  }

  #start(): void {
    const { spawn, start, clock, onMessage } = this.#options;
    const child = spawn();
    this.#child = child;
    this.#startedMs = clock.monotonic();
    child.on("message", (message: FromChild) => onMessage(message));
    child.once("exit", (code, signal) => this.#onExit(code, signal));
    // A process that can't be started, or asked, has an exit, too, and that is looked at.
    child.on("error", () => undefined);
    child.send(start, () => undefined);
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = null;
    if (!this.#isWanted) return this.#noteGone();
    const { name, clock, random, onDeath } = this.#options;
    const waitMs = this.#pace.died(clock.monotonic() - this.#startedMs, random);
    const when = waitMs === 0 ? "at once" : `in ${(waitMs / 1_000).toFixed(1)} s`;
    this.#restart = clock.after(waitMs, () => this.#start());
    onDeath(`${name} ended with ${signal ?? `exit code ${code}`}; another one is started ${when}.`, code);
  }
}
