import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ParlorClient, type HistoryPageFrame } from "@parlor/client";
import { until } from "@parlor/testkit";
import type { BrowserContextOptions, Page } from "playwright-core";
import { ParlorProcess, temporaryFolder } from "../server/test/parlor-process.ts";
import { type BrowserUse, SharedBrowser } from "./shared-browser.ts";

/** What Chromium says of a server that went, whichever transport a page was on. */
const SERVER_GONE =
  /WebSocket connection to|ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)/;

/** Longer than anything that is to happen, in ms. */
const PATIENCE_MS = 20_000;

export interface VisitOptions extends BrowserContextOptions {
  /** Below the server's address. @default "" */
  readonly path?: string;
  /** The name that was chosen in an earlier visit. */
  readonly name?: string;
  /** The key that was kept in an earlier visit: who one is. */
  readonly key?: string;
}

/** What stands around the server, where that is more than a browser on the same machine. */
export interface StageSetting {
  /** Puts something between pages and server, and gives the address that pages use then. */
  readonly front?: (serverPort: number) => Promise<StageFront>;
  /** Added to the browser's arguments. */
  readonly browserArgs?: readonly string[];
  /** What pages may complain of, beside a server that is gone. */
  readonly expected?: RegExp;
}

export interface StageFront extends AsyncDisposable {
  readonly url: string;
}

/** A real server with its data in a folder of its own, and a part of a browser: all gone when the test ends. */
export class Stage implements AsyncDisposable {
  /** What the pages complained of, but for servers that were killed on purpose. */
  readonly complaints: string[] = [];
  readonly #data = temporaryFolder();
  readonly #browser: BrowserUse;
  readonly #args: readonly string[];
  readonly #expected: RegExp;
  #front: StageFront | null = null;
  #server: ParlorProcess;
  #url = "";
  /** Where the server is now; another address than the pages' while it is elsewhere. */
  #serverUrl = "";

  #isKilled = false;
  /** Where the server was at first, and is again after a restart. */
  #serverPort = 0;

  private constructor(browser: BrowserUse, args: readonly string[], expected: RegExp) {
    this.#browser = browser;
    this.#args = args;
    this.#expected = expected;
    this.#server = this.#start(0);
  }

  static async set(args: readonly string[] = [], setting: StageSetting = {}): Promise<Stage> {
    const browser = await SharedBrowser.with(setting.browserArgs ?? []);
    const stage = new Stage(browser, args, setting.expected ?? /(?!)/);
    try {
      stage.#serverUrl = await stage.#server.url;
      stage.#serverPort = Number(new URL(stage.#serverUrl).port);
      stage.#front = (await setting.front?.(stage.#serverPort)) ?? null;
      stage.#url = stage.#front?.url ?? stage.#serverUrl;
      return stage;
    } catch (error) {
      // Otherwise the browser that is already there would keep the test from ending.
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The address that pages use, with its base path. */
  get url(): string {
    return this.#url;
  }

  /** Reads a room past the pages. */
  async history(room: string): Promise<HistoryPageFrame> {
    const response = await fetch(new URL(`rooms/${room}/messages?limit=500`, this.#serverUrl));
    return (await response.json()) as HistoryPageFrame;
  }

  /** Reads a room once that many bodies of it are erased: pages see a deletion before it is carried out and answered. */
  async historyErased(room: string, count: number): Promise<HistoryPageFrame> {
    let page = await this.history(room);
    await until(async () => {
      page = await this.history(room);
      return page.messages.filter(({ redacted }) => redacted === true).length >= count;
    }, PATIENCE_MS);
    return page;
  }

  /** Connections that the server has now. */
  async connections(): Promise<number> {
    const text = await (await fetch(new URL("metrics", this.#serverUrl))).text();
    const counts = text.matchAll(/^parlor_connections\{transport="[^"]+"\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** Fulfils once the server has no connection: what pages that were closed had on its way is over. */
  async isLeft(): Promise<void> {
    if (!(await until(async () => (await this.connections()) === 0, PATIENCE_MS)))
      throw new Error("pages that were closed are still connected");
  }

  /** How many connections of each transport the server has taken since it started. */
  async opened(): Promise<Readonly<Record<string, number>>> {
    const text = await (await fetch(new URL("metrics", this.#serverUrl))).text();
    const lines = text.matchAll(/^parlor_connections_opened_total\{transport="([^"]+)"\} (\d+)$/gm);
    return Object.fromEntries([...lines].map(([, transport, count]) => [transport, Number(count)]));
  }

  /** Ends the server as a power cut would; what `ask` asks of it just before, it does not answer. */
  async killServer(ask?: () => Promise<void>): Promise<void> {
    this.#isKilled = true;
    if (ask !== undefined) this.#server.kill("SIGSTOP");
    try {
      await ask?.();
    } finally {
      this.#server.kill("SIGKILL");
    }
    await this.#server.end();
  }

  /** So that a test that failed with its server killed is not the end of those behind it. */
  async hasServer(): Promise<void> {
    if (this.#isKilled) await this.restartServer();
  }

  /** Starts it again with the data that it left: where it was, or where no page finds it. */
  async restartServer(where: "here" | "elsewhere" = "here"): Promise<void> {
    this.#isKilled = false;
    this.#server = this.#start(where === "here" ? this.#serverPort : 0);
    this.#serverUrl = await this.#server.url;
  }

  /** Starts it again where it was, and has a page that waits for it ask at once, as a person would. */
  async restartServerFor(page: Page): Promise<void> {
    await this.restartServer();
    // It may have come back by itself between the two.
    await page
      .getByRole("button", { name: "Try now" })
      .click({ timeout: 2_000 })
      .catch(() => undefined);
  }

  /** As an operator would who deletes the data; for a server that is not running. */
  async wipeData(): Promise<void> {
    const { path } = this.#data;
    await Promise.all((await readdir(path)).map((name) => rm(join(path, name), { recursive: true })));
  }

  /** Opens the page as somebody who was never here. */
  async visit(options: VisitOptions = {}): Promise<Page> {
    const { path = "", name, key, ...settings } = options;
    const context = await this.#browser.newContext({
      locale: "en-GB",
      // What a page needs offline is kept by a worker that outlives it: for the tests of that.
      serviceWorkers: "block",
      ...settings,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const kept = Object.entries({ "parlor.name": name, "parlor.key": key }).filter(([, text]) => text);
    await context.addInitScript((entries) => {
      // The blank page that each begins as keeps nothing.
      if (location.protocol === "about:") return;
      for (const [at, text = ""] of entries) localStorage.setItem(at, text);
    }, kept);
    // Of all its pages.
    context.on("weberror", (fault) => this.complaints.push(fault.error().message));
    context.on("console", (said) => {
      const isServerGone = SERVER_GONE.test(said.text());
      if (said.type() === "error" && !isServerGone && !this.#expected.test(said.text()))
        this.complaints.push(said.text());
    });
    const page = await context.newPage();
    await page.goto(new URL(path, this.#url).href);
    return page;
  }

  /** Fills a room from outside, in order, and waits until all of it is stored. */
  async fill(room: string, texts: readonly string[], name = "Grace"): Promise<void> {
    const client = new ParlorClient(this.#serverUrl);
    try {
      await Promise.all(texts.map((text) => client.room(room).publish({ text, name })));
    } finally {
      client.close();
    }
  }

  /** Reacts to the newest message of a room from outside, once with each. */
  async react(room: string, emoji: readonly string[], name = "Grace"): Promise<void> {
    const re = (await this.history(room)).messages.at(-1)?.offset;
    const client = new ParlorClient(this.#serverUrl);
    try {
      await Promise.all(emoji.map((react) => client.room(room).publish({ react, name }, { re })));
    } finally {
      client.close();
    }
  }

  /** Puts a picture into the folder that PARLOR_SCREENSHOTS names; without it nothing. */
  async picture(page: Page, name: string): Promise<void> {
    const folder = process.env["PARLOR_SCREENSHOTS"];
    if (folder === undefined || folder === "") return;
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.closeContexts();
    await this.#front?.[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    // The last, so that the next test finds the browser, however long the server takes to end.
    await this.#browser[Symbol.asyncDispose]();
    this.#data[Symbol.dispose]();
  }

  #start(port: number): ParlorProcess {
    const args = ["--port", `${port}`, "--data", this.#data.path, "--publish-per-second", "Infinity"];
    return new ParlorProcess({ args: [...args, ...this.#args] });
  }
}
