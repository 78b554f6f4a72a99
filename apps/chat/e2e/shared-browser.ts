import { CHROMIUM_ARGS, findProgram } from "@parlor/testkit";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

/** How long a browser that nobody uses is kept for the next test of the file, in ms. To start one costs twice that. */
const IDLE_MS = 500;

/**
 * A Chromium that the tests of one file use one after the other. Each of them has contexts of its own, which share
 * nothing: neither storage nor workers nor cookies.
 */
export class SharedBrowser implements AsyncDisposable {
  static readonly #all = new Map<string, SharedBrowser>();
  readonly #browser: Promise<Browser>;
  #users = 0;
  #idle: NodeJS.Timeout | null = null;
  #isClosed = false;

  private constructor(args: readonly string[]) {
    this.#browser = chromium.launch({
      executablePath: findProgram("chromium"),
      args: [...CHROMIUM_ARGS, ...args],
    });
  }

  /** One that was started with these arguments; each user disposes of what it got. */
  static async with(args: readonly string[]): Promise<BrowserUse> {
    const key = args.join(" ");
    let shared = SharedBrowser.#all.get(key);
    if (shared === undefined || shared.#isClosed) {
      shared = new SharedBrowser(args);
      SharedBrowser.#all.set(key, shared);
    }
    shared.#users += 1;
    if (shared.#idle !== null) clearTimeout(shared.#idle);
    try {
      return new BrowserUse(await shared.#browser, shared);
    } catch (error) {
      shared.#isClosed = true;
      throw error;
    }
  }

  /** One user less. The browser ends a moment after the last of them, and then nothing keeps the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#idle = setTimeout(() => {
      this.#isClosed = true;
      void this.#browser.then((browser) => browser.close());
    }, IDLE_MS);
  }
}

/** One test's part of it: whatever it opened is closed with it. */
export class BrowserUse implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #shared: SharedBrowser;
  #contexts: BrowserContext[] = [];

  constructor(browser: Browser, shared: SharedBrowser) {
    this.#browser = browser;
    this.#shared = shared;
  }

  async newContext(options: Parameters<Browser["newContext"]>[0]): Promise<BrowserContext> {
    const context = await this.#browser.newContext(options);
    this.#contexts.push(context);
    return context;
  }

  /** What it opened until now. */
  async closeContexts(): Promise<void> {
    const contexts = this.#contexts;
    this.#contexts = [];
    await Promise.all(contexts.map((context) => context.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeContexts();
    await this.#shared[Symbol.asyncDispose]();
  }
}
