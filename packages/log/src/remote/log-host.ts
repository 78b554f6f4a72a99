import { lstat, unlink } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Clock, systemClock } from "@parlor/base";
import type { RoomLog } from "../room-log.ts";
import { unavailable } from "../status-board.ts";
import { LINK_VERSION } from "./handshake.ts";
import { HostedBus } from "./hosted-bus.ts";
import { HostedLink } from "./hosted-link.ts";

export interface LogHostOptions {
  /** Any log; it stays its opener's, who closes it after the host. */
  readonly log: RoomLog;
  /**
   * The local socket: a path of at most 100 bytes (systems allow little more), or on Windows the name of
   * a pipe (`\\.\pipe\…`). Whoever may open it may read and write all rooms, so it belongs into a folder
   * that no other user may enter.
   */
  readonly path: string;
  /** What this build is called; a worker of another one is refused in words. @default "unknown" */
  readonly build?: string | undefined;
  /** What it answers a worker that asks what there is to say of this process. @default "" */
  readonly about?: (() => string) | undefined;
  /** Told in a sentence why a worker was cut off that did not keep to the link's rules. @default a warning of the process */
  readonly onFault?: ((sentence: string) => void) | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
}

/** How long a worker may take for its last answers when the host closes, in ms. */
const TAKE_LEAVE_MS = 1_000;

/** Serves a log on a local socket, to any number of `RemoteLog`s of other processes. */
export class LogHost {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #links = new Set<HostedLink>();
  readonly #bus = new HostedBus();

  private constructor({
    log,
    build = "unknown",
    about = () => "",
    clock = systemClock,
    onFault = warn,
  }: LogHostOptions) {
    this.#clock = clock;
    this.#server = createServer((socket: Socket) => {
      const onClose = (): boolean => this.#links.delete(link);
      const own = { link: LINK_VERSION, build };
      const link: HostedLink = new HostedLink(socket, log, this.#bus, own, about, clock, onClose, onFault);
      this.#links.add(link);
    });
  }

  /**
   * Listens. A socket that a killed owner left behind is removed; any other file is left as it is.
   * @throws {CodedError} `unavailable` where the path can't be used, or another owner listens there.
   */
  static async listen(options: LogHostOptions): Promise<LogHost> {
    const host = new LogHost(options);
    try {
      await host.#listen(options.path);
    } catch (error) {
      const why = await whyTaken(options.path, error as NodeJS.ErrnoException);
      if (why !== null) throw unavailable(`the log can't be served on ${options.path}: ${why}`, error);
      await unlink(options.path);
      await host.#listen(options.path);
    }
    return host;
  }

  get linkCount(): number {
    return this.#links.size;
  }

  /** Bytes that its workers have not taken, all together. */
  get waitingBytes(): number {
    let bytes = 0;
    for (const link of this.#links) bytes += link.waitingBytes;
    return bytes;
  }

  /** Resets every link; workers come back by themselves. */
  cutLinks(): void {
    for (const link of this.#links) link.cut();
  }

  /** Takes no link any more and ends those there are, within a second. Twice is the same as once. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const link of this.#links) link.end();
    const timer = this.#clock.after(TAKE_LEAVE_MS, () => this.cutLinks());
    await closed;
    this.#clock.cancel(timer);
  }

  #listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }
}

function warn(sentence: string): void {
  process.emitWarning(sentence);
}

/** Null where only the name of an owner is there that is no more. */
async function whyTaken(path: string, error: NodeJS.ErrnoException): Promise<string | null> {
  if (error.code !== "EADDRINUSE") return error.message;
  if (!(await lstat(path)).isSocket()) return "there is a file that is no socket";
  return (await isAnswered(path)) ? "another owner listens there" : null;
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (isAnswering: boolean): void => {
      socket.destroy();
      resolve(isAnswering);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}
