import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { CountedConnections, HistoryRecorder, type HistoryEvent } from "@parlor/testkit";
import { build as bundle, type Plugin } from "esbuild";
import { RealTabs, type RealTab } from "./real-tabs.ts";

/** A renderer that crashed is found out by its sockets; a worker that ended by its silence, within two of them. */
const HEARTBEAT_MS = 1_500;

/** Which lock a tab holds while it holds the connection. */
const LOCK = "parlor.tabs.";

export interface Tab {
  readonly tab: RealTab;
  readonly name: string;
  /** What the browser calls it in its list of locks. */
  readonly lockId: unknown;
}

/** A server that counts its connections, and a Chromium whose tabs share one and tell what they see. */
export class HandoverStage implements AsyncDisposable {
  readonly recorder = new HistoryRecorder();
  readonly counted: CountedConnections;
  readonly url: string;
  readonly #log: MemoryLog;
  readonly #parlor: Parlor;
  readonly #server: Server;
  readonly #browser: RealTabs;
  readonly #worker: boolean;
  readonly #gone: Set<RealTab>;
  #opened = 0;

  private constructor(parts: {
    readonly counted: CountedConnections;
    readonly log: MemoryLog;
    readonly parlor: Parlor;
    readonly server: Server;
    readonly browser: RealTabs;
    readonly worker: boolean;
    readonly gone: Set<RealTab>;
    readonly recorder: HistoryRecorder;
  }) {
    this.counted = parts.counted;
    this.#log = parts.log;
    this.#parlor = parts.parlor;
    this.#server = parts.server;
    this.#browser = parts.browser;
    this.#worker = parts.worker;
    this.#gone = parts.gone;
    this.recorder = parts.recorder;
    this.url = `http://127.0.0.1:${(parts.server.address() as AddressInfo).port}/`;
  }

  /** @param worker Whether the browser has shared workers; else one of the tabs holds the connection. */
  static async set(worker: boolean): Promise<HandoverStage> {
    const counted = new CountedConnections();
    const log = new MemoryLog();
    const parlor = new Parlor({
      log,
      publishPerSecond: Infinity,
      heartbeatMs: HEARTBEAT_MS,
      events: true,
      logger: counted.logger,
    });
    const server = pageServer(await pageScripts());
    parlor.attach(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const recorder = new HistoryRecorder();
    const gone = new Set<RealTab>();
    const browser = await RealTabs.launch([], (text, tab) => {
      // Of a tab that was closed nothing is expected any more.
      if (!gone.has(tab)) recorder.add(JSON.parse(text) as HistoryEvent);
    });
    return new HandoverStage({ counted, log, parlor, server, browser, worker, gone, recorder });
  }

  /** What pages threw and nobody caught. */
  get faults(): readonly string[] {
    return this.#browser.faults;
  }

  /** Another tab, in front of the others. */
  async open(): Promise<Tab> {
    const name = `tab ${++this.#opened}`;
    const url = new URL(this.url);
    url.searchParams.set("name", name);
    if (this.#worker) url.searchParams.set("worker", "/worker.js");
    const tab = await this.#browser.open(url.href, this.#worker ? "" : "delete globalThis.SharedWorker;");
    await tab.sees("globalThis.person !== undefined");
    const lockId =
      await tab.evaluate(`navigator.locks.request("own " + ${JSON.stringify(name)}, async (lock) => {
      const { held } = await navigator.locks.query();
      return held.find(({ name }) => name === lock.name).clientId;
    })`);
    return { tab, name, lockId };
  }

  /** Of these tabs the one that holds the connection; undefined where none does. */
  async holder(tabs: readonly Tab[]): Promise<Tab | undefined> {
    const held = await tabs[0]?.tab.evaluate(
      `navigator.locks.query().then(({ held }) => held.find(({ name }) => name.startsWith("${LOCK}") && !name.endsWith(":first"))?.clientId)`,
    );
    return tabs.find(({ lockId }) => lockId === held);
  }

  /** Ends the shared worker in the middle of whatever it does. */
  async endWorker(): Promise<void> {
    await this.#browser.endWorkers();
  }

  /** Nothing more is expected of it. */
  drop({ tab, name }: Tab): void {
    this.#gone.add(tab);
    this.recorder.add({ kind: "left", subscriber: name, room: "lobby" });
  }

  async head(): Promise<number> {
    return (await this.#log.head("lobby")).head;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser[Symbol.asyncDispose]();
    await this.#parlor.close();
    this.#server.closeAllConnections();
    this.#server.close();
    await this.#log.close();
  }
}

/** The page's script, the worker's, and what either loads on demand, by file name. */
async function pageScripts(): Promise<ReadonlyMap<string, Uint8Array>> {
  const recorder = join(import.meta.dirname, "../../../packages/testkit/src/room-recorder.ts");
  const plugin: Plugin = {
    name: "in-a-browser",
    setup(build) {
      // Of the testkit the page needs what records a room; that it could be written to a file as well is not used.
      build.onResolve({ filter: /^@parlor\/testkit$/ }, () => ({ path: recorder }));
      build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "nothing" }));
      build.onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: "module.exports = {}" }));
    },
  };
  const { outputFiles } = await bundle({
    entryPoints: {
      page: join(import.meta.dirname, "handover-page.ts"),
      worker: join(import.meta.dirname, "handover-worker.ts"),
    },
    outdir: "/",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
    plugins: [plugin],
    write: false,
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

function pageServer(scripts: ReadonlyMap<string, Uint8Array>): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://page");
    const script = scripts.get(pathname.slice(1));
    if (script !== undefined) response.setHeader("content-type", "text/javascript").end(script);
    else if (pathname === "/")
      response
        .setHeader("content-type", "text/html; charset=utf-8")
        .end('<!doctype html><title>Tabs</title><script type="module" src="/page.js"></script>');
    else if (pathname === "/favicon.ico") response.writeHead(404).end();
  });
}
