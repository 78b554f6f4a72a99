import { type ChildProcess, fork } from "node:child_process";
import cluster from "node:cluster";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemRandom } from "@parlor/base";
import type { Settings } from "../flag-table.ts";
import {
  EXIT_LOG_FAILED,
  type EndSignal,
  type ProcessEnd,
  SAME_WISH_MS,
  SIGNAL_NUMBERS,
} from "../lifecycle.ts";
import { EXIT_NOT_AS_ASKED } from "./child-life.ts";
import { closeLostHandovers } from "./handovers.ts";
import { KeptProcess } from "./kept-process.ts";
import type { FromChild } from "./messages.ts";

/** Workers drain within 8.5 s; then the owner closes the log, and all is over short of ten seconds, in ms. */
const WORKERS_DEADLINE_MS = 8_800;
const DEADLINE_MS = 9_500;

/** Longest path of a local socket that every system takes, in bytes. */
const MAX_SOCKET_PATH = 100;

/**
 * Keeps one owner of the log and N workers alive: the workers share one port, whose connections go to
 * them in turn, and the owner's log. It serves nothing itself, so there is little that it could die of.
 */
export class Supervisor {
  readonly #settings: Settings;
  readonly #version: string;
  readonly #end: ProcessEnd;
  readonly #folder: string;
  readonly #path: string;
  readonly #workers: KeptProcess[] = [];
  readonly #serving = new Set<number>();
  #owner: KeptProcess | null = null;
  #phase: "starting" | "serving" | "stopping" | "ended" = "starting";
  #askedAtMs = 0;

  /** @param settings  With the port that the workers shall have; `workers` says how many. */
  constructor(settings: Settings, version: string, end: ProcessEnd) {
    this.#settings = settings;
    this.#version = version;
    this.#end = end;
    this.#folder = socketFolder();
    this.#path = socketPath(this.#folder);
  }

  start(): void {
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({
      exec: fileURLToPath(new URL("./worker-main.ts", import.meta.url)),
      args: [],
      serialization: "advanced",
    });
    this.#end.onSignal((signal) => this.#onSignal(signal));
    this.#owner = this.#keep(0, "The owner of the log", () =>
      fork(fileURLToPath(new URL("./owner-main.ts", import.meta.url)), { serialization: "advanced" }),
    );
  }

  #keep(number: number, name: string, spawn: () => ChildProcess): KeptProcess {
    return new KeptProcess({
      name,
      start: {
        kind: "start",
        settings: this.#settings,
        version: this.#version,
        path: this.#path,
        number,
      },
      spawn,
      clock: this.#end.clock,
      random: systemRandom,
      onMessage: (message) => this.#onMessage(number, name, message),
      onDeath: (sentence, code) => this.#onDeath(number, sentence, code),
    });
  }

  #onMessage(number: number, name: string, message: FromChild): void {
    switch (message.kind) {
      case "opened":
        if (this.#phase === "starting" && this.#workers.length === 0) this.#startWorkers();
        break;
      case "serving":
        this.#serving.add(number);
        if (this.#phase === "starting" && this.#serving.size === this.#workers.length)
          this.#onServing(message);
        break;
      case "stop-all":
        this.#onSignal("SIGTERM");
        break;
      case "fault":
        if (this.#phase === "starting") {
          this.#end.complain(`parlor: ${message.message}`);
          void this.#endAll(EXIT_NOT_AS_ASKED);
        } else if (this.#phase !== "ended") {
          // Of several that meet the same fault at the start, one has told of it.
          this.#end.complain(`${name} can't start: ${message.message}`);
        }
        break;
    }
  }

  #startWorkers(): void {
    for (let number = 1; number <= this.#settings.workers; number++) {
      this.#workers.push(this.#keep(number, `Worker ${number}`, forkWorker));
    }
  }

  #onServing({ url, keptWhere }: FromChild & { kind: "serving" }): void {
    this.#phase = "serving";
    this.#end.say(`Parlor ${this.#version} serves ${url}`);
    this.#end.say(keptWhere);
    this.#end.say(`${this.#workers.length} workers share the port, and the log of one more process.`);
  }

  #onDeath(number: number, sentence: string, code: number | null): void {
    // The owner has said what the disk did; in another process nothing would be better.
    if (number === 0 && code === EXIT_LOG_FAILED) return void this.#endAll(EXIT_LOG_FAILED);
    if (this.#phase === "starting") {
      this.#end.complain(`${sentence.split(";")[0]} before it served.`);
      return void this.#endAll(1);
    }
    this.#end.complain(sentence);
  }

  #onSignal(signal: EndSignal): void {
    const nowMs = this.#end.clock.monotonic();
    if (this.#phase === "starting" || this.#phase === "serving") {
      this.#askedAtMs = nowMs;
      void this.#stop();
    } else if (this.#phase === "stopping" && nowMs - this.#askedAtMs > SAME_WISH_MS) {
      void this.#endAll(128 + SIGNAL_NUMBERS[signal]);
    }
  }

  /** First the workers, each as it would alone; then the owner, when nobody needs the log any more. */
  async #stop(): Promise<void> {
    this.#phase = "stopping";
    const { clock } = this.#end;
    this.#end.say("Stopping: what was accepted is stored and answered.");
    clock.after(DEADLINE_MS, () => void this.#endAll(0));
    const late = clock.after(WORKERS_DEADLINE_MS, () => {
      this.#end.complain("Some workers did not end in time; their connections come back after the restart.");
      for (const worker of this.#workers) void worker.kill();
    });
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    clock.cancel(late);
    await this.#owner?.stop();
    if (this.#phase !== "stopping") return;
    this.#phase = "ended";
    this.#leave(0);
  }

  /** Ends everything without asking. What was acknowledged is on disk. */
  async #endAll(code: number): Promise<void> {
    if (this.#phase === "ended") return;
    this.#phase = "ended";
    const owner = this.#owner === null ? [] : [this.#owner];
    await Promise.all([...this.#workers, ...owner].map((each) => each.kill()));
    this.#leave(code);
  }

  #leave(code: number): void {
    rmSync(this.#folder, { recursive: true, force: true });
    this.#end.exit(code);
  }
}

function forkWorker(): ChildProcess {
  const { process } = cluster.fork();
  closeLostHandovers(process);
  return process;
}

/** A folder that no other user may enter, for the socket between the processes. */
function socketFolder(): string {
  const folders = [tmpdir(), "/tmp"];
  const place = folders.find((each) => socketPath(join(each, "parlor-XXXXXX")).length <= MAX_SOCKET_PATH);
  return mkdtempSync(join(place ?? tmpdir(), "parlor-"));
}

function socketPath(folder: string): string {
  if (process.platform !== "win32") return join(folder, "log.sock");
  return join("\\\\.\\pipe", folder.replaceAll(/[^A-Za-z0-9]/g, "-"));
}
