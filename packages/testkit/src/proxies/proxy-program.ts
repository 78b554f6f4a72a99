import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../free-port.ts";

export interface ProxyProgramOptions {
  /** The program's path. */
  readonly program: string;
  /** Its configuration, for the port of 127.0.0.1 that it shall listen on and a folder of its own. */
  readonly configuration: (port: number, folder: string) => string;
  /** Its arguments, for the configuration's file; it must stay in the foreground. */
  readonly args: (file: string, folder: string) => readonly string[];
}

/** A program that listens. */
export interface ProxyProgram extends AsyncDisposable {
  readonly port: number;
  /** Ends it and removes its folder. Twice is harmless. */
  close(): Promise<void>;
}

const TRIES = 3;
const START_TIMEOUT_MS = 10_000;
const END_TIMEOUT_MS = 5_000;
const ASK_AGAIN_MS = 10;
const MAX_OUTPUT_CHARACTERS = 20_000;

/**
 * Starts a proxy that is a real program, on a free port and in a temporary folder, and resolves when it
 * takes connections. Rejects with what it said where it ends or dallies.
 */
export async function startProxyProgram(options: ProxyProgramOptions): Promise<ProxyProgram> {
  for (let tryNumber = 1; ; tryNumber++) {
    const started = await tryToStart(options);
    if (typeof started !== "string") return started;
    // Somebody may have taken the port in between.
    const isTaken = /address already in use|cannot bind/i.test(started);
    if (!isTaken || tryNumber === TRIES) throw new Error(`${options.program} did not start:\n${started}`);
  }
}

/** The program, or what it said instead. */
async function tryToStart(options: ProxyProgramOptions): Promise<ProxyProgram | string> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "parlor-proxy-"));
  const file = join(folder, "proxy.conf");
  await writeFile(file, options.configuration(port, folder));
  const child = spawn(options.program, options.args(file, folder), { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (said = (said + String(chunk)).slice(-MAX_OUTPUT_CHARACTERS)));
  }
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = endOf(child).finally(() => process.removeListener("exit", kill));
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= endProgram(child, ended).then(() => rm(folder, { recursive: true, force: true }));
    return closing;
  };
  if (await doesListen(child, port)) return { port, close, [Symbol.asyncDispose]: close };
  await close();
  return said;
}

/** These programs do not say when they listen, so they are asked. */
async function doesListen(child: ChildProcess, port: number): Promise<boolean> {
  const untilMs = performance.now() + START_TIMEOUT_MS;
  while (isRunning(child) && performance.now() < untilMs) {
    const socket = connect(port, "127.0.0.1");
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isConnected) return true;
    await wait(ASK_AGAIN_MS);
  }
  return false;
}

async function endProgram(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  const timeout = new AbortController();
  const dallied = wait(END_TIMEOUT_MS, undefined, { signal: timeout.signal }).then(
    () => void child.kill("SIGKILL"),
    // It ended in time.
    () => undefined,
  );
  await ended;
  timeout.abort();
  await dallied;
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** When it is gone; a program that can't be started is gone at once. */
async function endOf(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
}
