import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findProgram, until } from "@parlor/testkit";

/** Longer than anything that is to happen, in ms. */
const PATIENCE_MS = 20_000;

/** What a fresh Firefox would do at its first start, beside what it is asked: it takes it longer than the test. */
const QUIET: readonly (readonly [name: string, value: unknown])[] = [
  ["app.normandy.enabled", false],
  ["app.update.disabledForTesting", true],
  ["browser.aboutwelcome.enabled", false],
  ["browser.newtabpage.enabled", false],
  ["browser.safebrowsing.update.enabled", false],
  ["browser.shell.checkDefaultBrowser", false],
  ["browser.startup.page", 0],
  ["datareporting.policy.dataSubmissionEnabled", false],
  ["extensions.update.enabled", false],
  ["network.captive-portal-service.enabled", false],
  ["network.connectivity-service.enabled", false],
  ["services.settings.server", "data:,"],
  ["toolkit.telemetry.enabled", false],
];

interface Answer {
  readonly id?: number;
  readonly type: "success" | "error" | "event";
  readonly result?: unknown;
  readonly message?: string;
}

interface Evaluated {
  readonly result?: { readonly value?: string };
  readonly exceptionDetails?: { readonly text: string };
}

/**
 * Firefox, driven over WebDriver BiDi, which it speaks by itself: the little of it that one test of a second
 * engine needs. Each page is somebody of their own.
 */
export class Firefox implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data)) as Answer));
  }

  static async launch(): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), "parlor-firefox-"));
    await writeFile(join(profile, "user.js"), QUIET.map(([name, value]) => setting(name, value)).join(""));
    const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
    const process = spawn(findProgram("firefox-esr"), args, { stdio: ["ignore", "ignore", "pipe"] });
    const socket = new WebSocket(`${await addressSaid(process)}/session`);
    await once(socket, "open");
    const firefox = new Firefox(process, profile, socket);
    await firefox.command("session.new", { capabilities: {} });
    return firefox;
  }

  async command<Result>(method: string, params: object): Promise<Result> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#open.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return (await answer.promise) as Result;
  }

  /** Opens a page as somebody who was never here. */
  async visit(url: string): Promise<FirefoxPage> {
    const { userContext } = await this.command<{ userContext: string }>("browser.createUserContext", {});
    const created = { type: "tab", userContext };
    const { context } = await this.command<{ context: string }>("browsingContext.create", created);
    const viewport = { width: 1400, height: 800 };
    await this.command("browsingContext.setViewport", { context, viewport });
    await this.command("browsingContext.navigate", { context, url, wait: "complete" });
    return new FirefoxPage(this, context);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #take({ id, type, result, message }: Answer): void {
    if (id === undefined) return;
    const answer = this.#open.get(id);
    this.#open.delete(id);
    if (type === "error") answer?.reject(new Error(message));
    else answer?.resolve(result);
  }
}

export class FirefoxPage {
  readonly #firefox: Firefox;
  readonly #context: string;

  constructor(firefox: Firefox, context: string) {
    this.#firefox = firefox;
    this.#context = context;
  }

  /** What an expression says, as text; what it promises, once it is known. */
  async text(expression: string): Promise<string> {
    return await this.run(`Promise.resolve(${expression}).then(String)`);
  }

  /** Runs a script in the page; what it ends with, if that is a text. */
  async run(expression: string): Promise<string> {
    const params = { expression, target: { context: this.#context }, awaitPromise: true };
    const run = await this.#firefox.command<Evaluated>("script.evaluate", params);
    if (run.exceptionDetails !== undefined) throw new Error(run.exceptionDetails.text);
    return run.result?.value ?? "";
  }

  /** Waits until an expression says something. */
  async says(expression: string, wanted: string): Promise<void> {
    let said = "";
    const isSaid = await until(async () => (said = await this.text(expression)) === wanted, PATIENCE_MS);
    if (!isSaid) throw new Error(`${expression} says ${said} and not ${wanted}`);
  }

  /** Types characters and keys by their WebDriver names, each pressed and let go; those in front are held. */
  async press(keys: string, held = ""): Promise<void> {
    const down = (value: string): object => ({ type: "keyDown", value });
    const up = (value: string): object => ({ type: "keyUp", value });
    const holding = Array.from(held);
    const pressed = Array.from(keys).flatMap((key) => [down(key), up(key)]);
    const actions = [
      { type: "key", id: "keys", actions: [...holding.map(down), ...pressed, ...holding.map(up)] },
    ];
    await this.#firefox.command("input.performActions", { context: this.#context, actions });
  }
}

function setting(name: string, value: unknown): string {
  return `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`;
}

async function addressSaid(process: ChildProcess): Promise<string> {
  if (process.stderr === null) throw new Error("Firefox has no stderr.");
  const said: string[] = [];
  for await (const line of createInterface({ input: process.stderr })) {
    const address = /BiDi listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
    said.push(line);
  }
  throw new Error(`Firefox did not start:\n${said.join("\n")}`);
}
