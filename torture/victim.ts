import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "@parlor/base";
import { findProgram, ProcessKiller, until } from "@parlor/testkit";
import type { JumpingClock } from "./jumping-clock.ts";

/** Its source, where the runner of the tests has not bundled it. */
const MAIN = process.env["TESTED_COMMAND"] ?? join(import.meta.dirname, "../apps/chat/server/main.ts");
const SYNCS = "fsync,fdatasync";
/** Short, so that a peer that is gone without a word is found out within a run. */
const HEARTBEAT_MS = 5_000;

/** The real command, and what it had in memory at most. */
export class Victim implements AsyncDisposable {
  readonly process: ProcessKiller;
  readonly #strace = findProgram("strace");
  peakBytes = 0;
  /** The sync from which on all report an error, in the next life; null for a sound disk. */
  #failsFrom: number | null = null;

  constructor(folder: string, random: Random, clock: JumpingClock) {
    this.process = new ProcessKiller({
      command: (port) =>
        [
          ...this.#through(),
          process.execPath,
          "--max-semi-space-size=16",
          "--initial-old-space-size=128",
          MAIN,
          ...["--port", String(port), "--data", join(folder, "data"), "--heartbeat-ms", String(HEARTBEAT_MS)],
          ...["--publish-per-second", "Infinity", "--connections-per-address", "Infinity"],
        ] as [string, ...string[]],
      // A Ctrl-C ends the faults; the server must live on to be judged.
      ownGroup: true,
      ready: / serves http:\S+:(\d+)/,
      random,
      environment: clock.environment,
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.process.port}/`;
  }

  async restart(signal: NodeJS.Signals): Promise<void> {
    if (this.process.isRunning) await this.process.end(signal);
    await this.process.start();
  }

  /** Lives once on a disk whose syncs fail from the given one on; fulfils with the exit code of that life. */
  async liveOnBadDisk(failsFrom: number, patienceMs: number): Promise<number | null> {
    if (this.process.isRunning) await this.process.end("SIGKILL");
    this.#failsFrom = failsFrom;
    const livesBefore = this.process.ends.length;
    try {
      await this.process.start();
      await until(() => !this.process.isRunning, patienceMs);
      if (this.process.isRunning) await this.process.end("SIGKILL");
    } catch (error) {
      // It failed before it served: that is an end as good as any, where it is one.
      if (this.process.ends.length === livesBefore) throw error;
    } finally {
      this.#failsFrom = null;
    }
    return this.process.ends.at(-1)?.exitCode ?? null;
  }

  /** Looks at its memory now. */
  weigh(): void {
    const { pid } = this.process;
    if (pid === null) return;
    try {
      const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
      this.peakBytes = Math.max(this.peakBytes, Number(resident ?? 0) * 1_024);
    } catch (error) {
      // It died between the two lines.
      if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }

  #through(): readonly string[] {
    if (this.#failsFrom === null) return [];
    // Only the calls that are traced stop the process (--seccomp-bpf): otherwise its start takes twice the time.
    const inject = `inject=${SYNCS}:error=EIO:when=${this.#failsFrom}+`;
    return [
      this.#strace,
      "-D",
      "-f",
      "--seccomp-bpf",
      "-o",
      "/dev/null",
      "-e",
      `trace=${SYNCS}`,
      "-e",
      inject,
    ];
  }
}
