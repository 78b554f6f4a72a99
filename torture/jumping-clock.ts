import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "@parlor/base";
import { randomInteger } from "@parlor/testkit";

const LIBRARIES = ["x86_64", "aarch64"].map(
  (machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`,
);
/** Below the seven days after which a producer may be forgotten. */
const MAX_JUMP_SECONDS = 7_200;

/**
 * The wall clock of a server, set back and forth while it runs. Its monotonic clock stays true. Where it is set is not
 * on the server's disk, which may be full just then.
 */
export class JumpingClock implements Disposable {
  readonly isAvailable: boolean;
  /** What the server has to be started with. */
  readonly environment: NodeJS.ProcessEnv;
  readonly #folder = mkdtempSync(join(tmpdir(), "parlor-clock-"));
  readonly #file = join(this.#folder, "clock");

  constructor() {
    const library = LIBRARIES.find((path) => existsSync(path));
    this.isAvailable = library !== undefined;
    this.environment =
      library === undefined
        ? {}
        : {
            LD_PRELOAD: library,
            FAKETIME_TIMESTAMP_FILE: this.#file,
            FAKETIME_CACHE_DURATION: "1",
            FAKETIME_DONT_FAKE_MONOTONIC: "1",
          };
    this.set(0);
  }

  jump(random: Random): number {
    const seconds = randomInteger(random, -MAX_JUMP_SECONDS, MAX_JUMP_SECONDS);
    this.set(seconds);
    return seconds;
  }

  set(seconds: number): void {
    // By renaming, so that the server never reads half a file.
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? "" : "+"}${seconds}s\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
