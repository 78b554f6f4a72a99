import { Child } from "../processes/child.ts";
import { LOAD_CORE, SERVER_CORE } from "../processes/cores.ts";
import { cpuMsOf } from "../processes/cpu-time.ts";
import { Scratch } from "../processes/scratch.ts";
import type { LoadCalls } from "../load/load-process.ts";
import { nodeOptionsOf } from "../peers/node-options.ts";
import type { PeerName } from "../peers/peer.ts";
import type { Memory, ServerCalls } from "../peers/server-process.ts";
import type { Bench } from "./bench.ts";

/** A server in a process on one core, and the load in another on the other core, both fresh. */
export class Arena {
  readonly load: Child<LoadCalls>;
  readonly port: number;
  readonly #server: Child<ServerCalls>;
  readonly #scratch: Scratch;
  readonly #mayEndAtOnce: boolean;

  private constructor(
    server: Child<ServerCalls>,
    load: Child<LoadCalls>,
    scratch: Scratch,
    port: number,
    mayEndAtOnce: boolean,
  ) {
    this.#server = server;
    this.load = load;
    this.#scratch = scratch;
    this.port = port;
    this.#mayEndAtOnce = mayEndAtOnce;
  }

  static async open(bench: Bench, name: PeerName): Promise<Arena> {
    const scratch = new Scratch();
    const profile =
      bench.profileFolder === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${bench.profileFolder}`];
    const server = new Child<ServerCalls>(new URL("../peers/server-process.ts", import.meta.url), {
      core: SERVER_CORE,
      nodeOptions: ["--expose-gc", ...nodeOptionsOf(name), ...profile],
    });
    const load = new Child<LoadCalls>(new URL("../load/load-process.ts", import.meta.url), {
      core: LOAD_CORE,
    });
    const port = await server.call("start", {
      name,
      folder: scratch.folder,
      coalesceMs: bench.coalesceMs,
    });
    // Whoever stores nothing, and is not asked for a profile, has nothing to finish; one that is overloaded
    // would take long to hear that it shall.
    const mayEndAtOnce = name !== "parlor" && bench.profileFolder === null;
    return new Arena(server, load, scratch, port, mayEndAtOnce);
  }

  /** A folder on the disk that the server writes to. */
  get folder(): string {
    return this.#scratch.folder;
  }

  /** What the server process has used so far, user and system, all its threads. */
  async serverCpuMs(): Promise<number> {
    return cpuMsOf(this.#server.pid) ?? this.#server.call("cpuMs");
  }

  serverMemory(): Promise<Memory> {
    return this.#server.call("memory");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.load[Symbol.asyncDispose]();
    if (this.#mayEndAtOnce) this.#server.kill();
    else await this.#server.call("stop");
    await this.#server[Symbol.asyncDispose]();
    this.#scratch[Symbol.dispose]();
  }
}
