/** A class under test, with the shape of a `WebSocket`, and the name under which pages know it. */
export interface Subject {
  /** What the table calls it. */
  readonly key: string;
  readonly name: string;
  readonly Socket: typeof WebSocket;
}

/** One statement of the specification, judged in a page or a worker. */
export interface SuiteCase {
  readonly group: string;
  /** Unique within the group; reads as a sentence. */
  readonly name: string;
  readonly run: (stage: CaseStage) => Promise<void> | void;
  /** @default everywhere */
  readonly only?: "window" | "worker";
}

/** What is asked of a page or a worker. */
export interface SuiteQuestion {
  /** As `subjects.ts` calls it. */
  readonly subject: string;
  /** Longer than anything takes that is going to happen, ms. */
  readonly patienceMs: number;
  /** Names of cases. @default all */
  readonly only?: readonly string[] | undefined;
}

export interface CaseResult {
  readonly group: string;
  readonly name: string;
  /** null where it holds; else what was seen. */
  readonly fault: string | null;
}

/** What a case has: the class, the servers' addresses, and sockets that are gone when it ends. */
export class CaseStage {
  readonly subject: Subject;
  readonly #port: number;
  readonly #patienceMs: number;
  readonly #made: WebSocket[] = [];

  /** @param port Of the suite's server: the one that its sockets go to. */
  constructor(subject: Subject, port: number, patienceMs: number) {
    this.subject = subject;
    this.#port = port;
    this.#patienceMs = patienceMs;
  }

  get Socket(): typeof WebSocket {
    return this.subject.Socket;
  }

  /** The address of one of the suite's endpoints (`suite-server.ts`), as a socket has it. */
  url(path: string): string {
    return `ws://${location.hostname}:${this.#port}${path}`;
  }

  /** The address of a plain room that no other case has. */
  room(query = ""): string {
    return this.url(`/parlor/rooms/${crypto.randomUUID()}${query}`);
  }

  make(url: string | URL, protocols?: string | string[]): WebSocket {
    const socket =
      protocols === undefined ? new this.subject.Socket(url) : new this.subject.Socket(url, protocols);
    this.#made.push(socket);
    return socket;
  }

  /** A socket that is open. */
  async open(url: string, protocols?: string | string[]): Promise<WebSocket> {
    const socket = this.make(url, protocols);
    await event(socket, "open");
    return socket;
  }

  /**
   * Closes what the case has left. Sockets of the suite's server are let through first: one that is given up before
   * it opens counts as a failure, and a browser makes pages wait that have many, or many under way.
   */
  async end(): Promise<void> {
    for (const socket of this.#made) {
      const isOurs = socket.url.includes(`//${location.hostname}:${this.#port}/`);
      for (let waitedMs = 0; isOurs && socket.readyState === 0 && waitedMs < this.#patienceMs; waitedMs += 5)
        await pause(5);
      try {
        socket.close();
      } catch {
        // Whether it can be closed is for a case of its own.
      }
    }
  }
}

/** The next event of that type. */
export function event<Type extends keyof WebSocketEventMap>(
  socket: WebSocket,
  type: Type,
): Promise<WebSocketEventMap[Type]> {
  return new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
}

/** The data of the next `count` messages. */
export function data(socket: WebSocket, count = 1): Promise<unknown[]> {
  return new Promise((resolve) => {
    const all: unknown[] = [];
    socket.addEventListener("message", (message) => {
      all.push(message.data);
      if (all.length === count) resolve(all);
    });
  });
}

/** Types of all events of a socket from now on, in order. */
export function record(socket: WebSocket): string[] {
  const types: string[] = [];
  for (const type of ["open", "message", "error", "close"]) {
    socket.addEventListener(type, () => types.push(type));
  }
  return types;
}

/** Behind everything that is due by now: a turn of the event loop, or some. */
export function pause(ms = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function equal(actual: unknown, expected: unknown, what = ""): void {
  if (Object.is(actual, expected)) return;
  throw new Error(`${what === "" ? "" : `${what}: `}${shown(actual)}, not ${shown(expected)}`);
}

export function same(actual: readonly unknown[], expected: readonly unknown[], what = ""): void {
  equal(actual.map(shown).join(", "), expected.map(shown).join(", "), what);
}

export function ok(isSo: unknown, what: string): void {
  if (isSo !== true) throw new Error(what);
}

/** @param name Of a class of errors, or of a DOMException. */
export function throws(run: () => unknown, name: string): void {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
    if (error instanceof Error && error.name === name) return;
  }
  throw new Error(`${name} was to be thrown, not ${String(thrown)}`);
}

/** Cases at a time; see `CaseStage.end`. */
const LANES = 4;

/** Runs the cases, each with sockets of its own, and says in their order what became of them. */
export async function runCases(
  { patienceMs, only }: SuiteQuestion,
  subjectAt: (origins: readonly string[]) => Subject,
  cases: readonly SuiteCase[],
): Promise<CaseResult[]> {
  const ports = (await (await fetch("/ports")).json()) as number[];
  const subject = subjectAt(ports.map((port) => `http://${location.hostname}:${port}`));
  const results: CaseResult[] = [];
  const asked = cases.filter(({ group, name }) => only?.includes(`${group}: ${name}`) !== false);
  const waiting = asked.entries();
  const lane = async (): Promise<void> => {
    // The lanes share the iterator: whoever is free takes the next.
    for (const [index, each] of waiting) {
      const stage = new CaseStage(subject, ports[index % ports.length] ?? 0, patienceMs);
      results[index] = await runCase(stage, each, patienceMs);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

async function runCase(
  stage: CaseStage,
  { group, name, run }: SuiteCase,
  patienceMs: number,
): Promise<CaseResult> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("what was to happen did not")), patienceMs);
  });
  try {
    await Promise.race([run(stage), late]);
    return { group, name, fault: null };
  } catch (error) {
    return { group, name, fault: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    await stage.end();
  }
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : String(value);
}
