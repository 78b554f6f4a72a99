import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CHROMIUM_ARGS, findProgram, until } from "@parlor/testkit";

/** Longer than anything that is to happen, in ms. */
const PATIENCE_MS = 20_000;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: {
    readonly payload?: string;
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
}

/**
 * Chromium with the tabs of one person, driven over its own protocol. Playwright makes every page believe that it is
 * in front, and a page in front is never frozen, nor hidden.
 */
export class RealTabs implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #onTold: ((text: string, tab: RealTab) => void) | undefined;
  readonly #bySession = new Map<string, RealTab>();
  /** What pages threw and nobody caught. */
  readonly faults: string[] = [];
  #lastId = 0;

  private constructor(
    process: ChildProcess,
    profile: string,
    socket: WebSocket,
    onTold: ((text: string, tab: RealTab) => void) | undefined,
  ) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    this.#onTold = onTold;
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data)) as Answer));
  }

  /** @param onTold Takes what pages give to their `tell(text)`; without it they have none. */
  static async launch(
    args: readonly string[] = [],
    onTold?: (text: string, tab: RealTab) => void,
  ): Promise<RealTabs> {
    const profile = await mkdtemp(join(tmpdir(), "parlor-tabs-"));
    const chromium = spawn(
      findProgram("chromium"),
      [
        ...CHROMIUM_ARGS,
        ...args,
        "--headless=new",
        "--remote-debugging-port=0",
        `--user-data-dir=${profile}`,
        "about:blank",
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    for await (const line of createInterface({ input: chromium.stderr })) {
      const address = /DevTools listening on (\S+)/.exec(line)?.[1];
      if (address === undefined) continue;
      chromium.stderr.resume();
      const socket = new WebSocket(address);
      await once(socket, "open");
      return new RealTabs(chromium, profile, socket, onTold);
    }
    throw new Error("Chromium ended before it could be driven.");
  }

  /** A new tab in front of the others, which are hidden then. @param first Is run in its pages before their scripts. */
  async open(url: string, first = ""): Promise<RealTab> {
    const { targetId } = (await this.ask("Target.createTarget", { url: "about:blank" })) as {
      targetId: string;
    };
    const { sessionId } = (await this.ask("Target.attachToTarget", { targetId, flatten: true })) as {
      sessionId: string;
    };
    const tab = new RealTab(this, targetId, sessionId);
    await tab.ask("Runtime.enable");
    await tab.ask("Page.enable");
    this.#bySession.set(sessionId, tab);
    if (this.#onTold !== undefined) await tab.ask("Runtime.addBinding", { name: "tell" });
    await tab.ask("Page.addScriptToEvaluateOnNewDocument", { source: first });
    await tab.goTo(url);
    return tab;
  }

  /** Every shared worker, in the middle of whatever it does. */
  async endWorkers(): Promise<void> {
    const { targetInfos } = (await this.ask("Target.getTargets", {
      filter: [{ type: "shared_worker" }],
    })) as { readonly targetInfos: readonly { readonly targetId: string }[] };
    for (const { targetId } of targetInfos) await this.ask("Target.closeTarget", { targetId });
  }

  ask(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
    const id = ++this.#lastId;
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(id, asked);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return asked.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  #take({ id, method, sessionId, params, result, error }: Answer): void {
    const teller = method === "Runtime.bindingCalled" ? this.#bySession.get(sessionId ?? "") : undefined;
    if (teller !== undefined) this.#onTold?.(params?.payload ?? "", teller);
    if (method === "Runtime.exceptionThrown") {
      this.faults.push(params?.exceptionDetails?.exception?.description ?? "something was thrown");
    }
    const asked = this.#asked.get(id ?? 0);
    this.#asked.delete(id ?? 0);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(error.message));
  }
}

export class RealTab {
  readonly #tabs: RealTabs;
  readonly #target: string;
  readonly #session: string;

  constructor(tabs: RealTabs, target: string, session: string) {
    this.#tabs = tabs;
    this.#target = target;
    this.#session = session;
  }

  ask(method: string, params: object = {}): Promise<unknown> {
    return this.#tabs.ask(method, params, this.#session);
  }

  async goTo(url: string): Promise<void> {
    const before = await this.evaluate("performance.timeOrigin");
    await this.ask("Page.navigate", { url });
    await this.sees(`performance.timeOrigin !== ${Number(before)} && document.readyState === "complete"`);
  }

  /** As a person does with the browser's own button. */
  async goBack(): Promise<void> {
    const { currentIndex, entries } = (await this.ask("Page.getNavigationHistory")) as {
      currentIndex: number;
      entries: readonly { readonly id: number; readonly url: string }[];
    };
    const entry = entries[currentIndex - 1];
    await this.ask("Page.navigateToHistoryEntry", { entryId: entry?.id });
    await this.sees(`location.href === ${JSON.stringify(entry?.url)}`);
  }

  /** The value of an expression, or what its promise fulfils with. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = (await this.ask("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as Evaluated;
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? expression);
    return result.value;
  }

  /** Waits until that holds in the page. */
  async sees(expression: string): Promise<void> {
    const isSo = await until(async () => {
      // While it goes from one page to another there is none to ask.
      const value = await this.evaluate(expression).catch(() => false);
      return value === true;
    }, PATIENCE_MS);
    if (!isSo) throw new Error(`It never came about that ${expression}`);
  }

  async show(): Promise<void> {
    await this.#tabs.ask("Target.activateTarget", { targetId: this.#target });
  }

  /** No timer, no frame, no byte that came is handled; only where another tab is in front. */
  async freeze(): Promise<void> {
    await this.ask("Page.setWebLifecycleState", { state: "frozen" });
  }

  async thaw(): Promise<void> {
    await this.ask("Page.setWebLifecycleState", { state: "active" });
  }

  async close(): Promise<void> {
    await this.#tabs.ask("Target.closeTarget", { targetId: this.#target });
  }

  /** Its process ends without a word to anybody. */
  crash(): void {
    // Nobody is left to answer.
    this.ask("Page.crash").catch(() => undefined);
  }
}
