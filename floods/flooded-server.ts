import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "@parlor/base";
import { ProcessKiller, until } from "@parlor/testkit";

const COMMAND = join(import.meta.dirname, "../apps/chat/server/parlor.mjs");
const PROBE = join(import.meta.dirname, "turn-probe.ts");
const PROBE_PATIENCE_MS = 10_000;
/** Short, so that peers who show no life are found out within a flood. */
const HEARTBEAT_MS = 3_000;

export interface FloodedServerOptions {
  /** Files that it may have open. @default as many as this process */
  readonly openFiles?: number | undefined;
  /** More flags of the command. */
  readonly flags?: readonly string[];
}

/** What the server's event loop did in a while. */
export interface Turns {
  /** Its longest turn, ms of a core. */
  readonly longestMs: number;
  /** What all turns took together, of one core. */
  readonly share: number;
}

const NO_TURNS: Turns = { longestMs: Number.NaN, share: Number.NaN };

/** The real command with a folder of its own, and what it says of itself. */
export class FloodedServer implements AsyncDisposable {
  readonly process: ProcessKiller;
  readonly #folder = mkdtempSync(join(tmpdir(), "parlor-floods-"));

  private constructor({ openFiles, flags = [] }: FloodedServerOptions) {
    const limit =
      openFiles === undefined ? [] : ["sh", "-c", `ulimit -n ${openFiles} && exec "$@"`, "with-few-files"];
    this.process = new ProcessKiller({
      command: (port) =>
        [
          ...["env", `PARLOR_FLOODS_TURNS=${join(this.#folder, "turns")}`, ...limit],
          ...[
            process.execPath,
            "--max-semi-space-size=16",
            "--initial-old-space-size=128",
            `--import=${PROBE}`,
            COMMAND,
            "--port",
            String(port),
            "--data",
            this.#folder,
          ],
          ...["--heartbeat-ms", String(HEARTBEAT_MS), ...flags],
        ] as [string, ...string[]],
      ready: / serves http:\S+:(\d+)/,
      random: systemRandom,
    });
  }

  static async start(options: FloodedServerOptions = {}): Promise<FloodedServer> {
    const server = new FloodedServer(options);
    await server.process.start();
    return server;
  }

  get port(): number {
    return this.process.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Bytes in memory now, and at most since `forgetPeak`. */
  memory(): { readonly bytes: number; readonly peakBytes: number } {
    const status = readFileSync(`/proc/${this.process.pid}/status`, "utf8");
    const read = (name: string): number =>
      Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) * 1_024;
    return { bytes: read("VmRSS"), peakBytes: read("VmHWM") };
  }

  /** The peak begins anew from what is in memory now. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.process.pid}/clear_refs`, "5");
  }

  /** What the event loop did since this was asked the last time; `NO_TURNS` where nothing answers. */
  async turns(): Promise<Turns> {
    const file = join(this.#folder, "turns");
    rmSync(file, { force: true });
    const { pid } = this.process;
    if (pid === null) return NO_TURNS;
    process.kill(pid, "SIGUSR2");
    return (await until(() => existsSync(file), PROBE_PATIENCE_MS))
      ? (JSON.parse(readFileSync(file, "utf8")) as Turns)
      : NO_TURNS;
  }

  /** Every metric by its name and labels, such as `parlor_connections{transport="websocket"}`. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`${this.url}metrics`)).text();
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      lines.map((line) => {
        const space = line.lastIndexOf(" ");
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The sum of a metric over all its labels. */
export function total(metrics: ReadonlyMap<string, number>, name: string): number {
  let sum = 0;
  for (const [key, value] of metrics) if (key === name || key.startsWith(`${name}{`)) sum += value;
  return sum;
}
