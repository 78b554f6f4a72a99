import { ParlorClient, type ClientOptions } from "../src/index.ts";
import type { Line, Locks, TabsPlatform } from "../src/tabs/platform.ts";
import { WorkerHost } from "../src/tabs/worker-host.ts";

/** Over one connection alone, so that they can be counted: where a machine is slow, others would be tried beside it. */
class SocketClient extends ParlorClient {
  constructor(url?: string | URL, options: ClientOptions = {}) {
    super(url, { ...options, transports: ["websocket"] });
  }
}

export interface BrowserParts {
  /** Shared workers can be had. */
  readonly workers: boolean;
  /** Web Locks can be had: the page is a secure one. */
  readonly locks: boolean;
}

/** The tabs of one browser, as far as they find one another: channels, locks and a shared worker. */
export class FakeBrowser {
  readonly #has: BrowserParts;
  /** What pages believe that it has. */
  parts: BrowserParts;
  readonly #channels = new Map<string, Set<FakeLine>>();
  readonly #locks = new Map<string, LockRequest[]>();
  readonly #HubClient: typeof ParlorClient;
  #host: WorkerHost;
  readonly #workerLines: FakeLine[] = [];

  constructor(parts: BrowserParts, HubClient: typeof ParlorClient = SocketClient) {
    this.parts = this.#has = parts;
    this.#HubClient = HubClient;
    this.#host = new WorkerHost(HubClient);
  }

  /** Who said last that it leads. */
  leader: FakeTab | null = null;

  tab(): FakeTab {
    return new FakeTab(this, this.#has);
  }

  /**
   * The worker's process ends; whoever asks for it again gets a new one.
   *
   * @returns lets those hear of it who wait for its lock: the server may have to know before
   */
  crashWorker(): () => void {
    for (const line of this.#workerLines.splice(0)) line.isMute = true;
    const ended = this.#host;
    ended.close();
    this.#host = new WorkerHost(this.#HubClient);
    return () => this.release(ended);
  }

  channel(tab: FakeTab, name: string): FakeLine {
    const lines = this.#channels.get(name) ?? new Set();
    this.#channels.set(name, lines);
    const line = new FakeLine((message) => {
      if ("leader" in (message as object)) this.leader = tab;
      for (const other of lines) if (other !== line) other.deliver(message);
    });
    line.onClose = () => lines.delete(line);
    lines.add(line);
    return line;
  }

  worker(name: string): FakeLine {
    // It holds a lock of its name, as worker.ts does.
    if (this.#workerLines.length === 0)
      void this.request(this.#host, name, {}, () => new Promise(() => undefined));
    const far = new FakeLine((message) => near.deliver(message));
    const near = new FakeLine((message) => far.deliver(message));
    this.#host.accept(far);
    this.#workerLines.push(near, far);
    return near;
  }

  request(owner: object, name: string, options: LockOptions, granted: () => Promise<void>): Promise<unknown> {
    const queue = this.#locks.get(name) ?? [];
    this.#locks.set(name, queue);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const request: LockRequest = { owner, granted, isHeld: false, resolve, reject };
    options.signal?.addEventListener("abort", () => {
      if (request.isHeld) return;
      const now = this.#locks.get(name) ?? [];
      // That of a tab whose process ended is gone already.
      if (now.includes(request)) now.splice(now.indexOf(request), 1);
      reject(new Error("AbortError"));
    });
    if (options.steal === true) {
      if (queue[0]?.isHeld === true) queue.shift()?.reject(new Error("AbortError"));
      queue.unshift(request);
    } else queue.push(request);
    this.#grant(name);
    return promise;
  }

  /** Its process is gone: nobody holds what it held. */
  release(owner: object): void {
    for (const [name, queue] of this.#locks) {
      this.#locks.set(
        name,
        queue.filter((request) => request.owner !== owner),
      );
      this.#grant(name);
    }
  }

  #grant(name: string): void {
    const queue = this.#locks.get(name) ?? [];
    const [first] = queue;
    if (first === undefined || first.isHeld) return;
    first.isHeld = true;
    queueMicrotask(() => {
      void first.granted().then(() => {
        const now = this.#locks.get(name) ?? [];
        if (now[0] === first) now.shift();
        first.resolve(undefined);
        this.#grant(name);
      });
    });
  }
}

interface LockOptions {
  readonly signal?: AbortSignal;
  readonly steal?: boolean;
}

interface LockRequest {
  /** A tab, or a worker. */
  readonly owner: object;
  readonly granted: () => Promise<void>;
  isHeld: boolean;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** One end of a channel or a port: what is posted arrives in a later turn, a copy of it. */
class FakeLine implements Line {
  onmessage: Line["onmessage"] = null;
  onClose: () => void = () => undefined;
  isMute = false;
  #isClosed = false;
  readonly #send: (message: unknown) => void;

  constructor(send: (message: unknown) => void) {
    this.#send = send;
  }

  postMessage(message: unknown): void {
    if (this.#isClosed || this.isMute) return;
    const copy = structuredClone(message);
    setImmediate(() => this.#send(copy));
  }

  deliver(data: unknown): void {
    if (!this.#isClosed && !this.isMute) this.onmessage?.({ data } as MessageEvent<never>);
  }

  close(): void {
    this.#isClosed = true;
    this.onClose();
  }
}

/** A page of it. */
export class FakeTab {
  readonly #browser: FakeBrowser;
  readonly #lines = new Set<FakeLine>();
  readonly #leaving: (() => void)[] = [];
  readonly platform: TabsPlatform;
  isHidden = false;

  constructor(browser: FakeBrowser, { workers, locks: hasLocks }: BrowserParts) {
    this.#browser = browser;
    const tab = this;
    const locks: Locks = {
      request: (name, options, granted) => browser.request(tab, name, options, granted),
    };
    this.platform = {
      worker: (_address, name) => (workers ? this.#line(browser.worker(name)) : null),
      channel: (name) => this.#line(browser.channel(tab, name)),
      locks: hasLocks ? locks : null,
      goFirst: async () => (browser.leader === null ? () => undefined : null),
      listen: (onLeave) => void this.#leaving.push(onLeave),
      get isHidden() {
        return tab.isHidden;
      },
    };
  }

  /** It is closed, put away or frozen, and is told so. */
  leave(): void {
    for (const listener of this.#leaving) listener();
  }

  /** It says and hears nothing any more, though it may not know. */
  mute(): void {
    for (const line of this.#lines) line.isMute = true;
  }

  /** Its process ends: its sockets close, its locks are free, and nobody hears of it. */
  crash(): void {
    this.mute();
    this.leave();
    this.#browser.release(this);
  }

  #line(line: FakeLine): FakeLine {
    this.#lines.add(line);
    return line;
  }
}
