import { CHROMIUM_ARGS, findProgram } from "@parlor/testkit";
import { buildSocket } from "@parlor/client/build-socket";
import { build, type Plugin } from "esbuild";
import { basename, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import type { CaseResult, SuiteQuestion } from "./page/suite-case.ts";
import { type ServedFiles, SuiteServer } from "./server/suite-server.ts";

/** The implementations, as `page/subjects.ts` names them. */
export const SUBJECT_NAMES = [
  "native",
  "ParlorSocket",
  "ParlorSocket.resuming",
  "partysocket",
  "reconnecting-websocket",
] as const;

export type SubjectName = (typeof SUBJECT_NAMES)[number];

/** What became of the cases of one implementation, in a window and in a worker. */
export interface SubjectResults {
  readonly window: readonly CaseResult[];
  readonly worker: readonly CaseResult[];
}

/** One browser and one server, in which implementations are put to the cases one after the other. */
export class SuiteStage implements AsyncDisposable {
  readonly #server: SuiteServer;
  readonly #browser: Browser;

  private constructor(server: SuiteServer, browser: Browser) {
    this.#server = server;
    this.#browser = browser;
  }

  static async set(): Promise<SuiteStage> {
    const server = await SuiteServer.start(await buildFiles());
    const browser = await chromium.launch({
      executablePath: findProgram("chromium"),
      args: [...CHROMIUM_ARGS],
    });
    return new SuiteStage(server, browser);
  }

  /** Its name with its version. */
  get browser(): string {
    return `Chromium ${this.#browser.version()}`;
  }

  /** All cases, or those named, in one page load. */
  async run(question: SuiteQuestion & { readonly subject: SubjectName }): Promise<SubjectResults> {
    // A browser remembers how many connections failed; each implementation begins without.
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    await page.goto(`${this.#server.url}suite.html`);
    await page.waitForFunction(() => "runSuite" in globalThis);
    const results = await page.evaluate((asked) => globalThis.runSuite(asked), question);
    await context.close();
    return results;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** The cases judge `ParlorSocket` as it is published, whatever its file calls things. */
const PUBLISHED_SOCKET: Plugin = {
  name: "published-socket",
  setup(bundle) {
    bundle.onResolve({ filter: /^@parlor\/client\/parlor-socket$/ }, ({ path }) => ({
      path,
      namespace: "published",
    }));
    bundle.onLoad({ filter: /./, namespace: "published" }, () => ({
      contents: buildSocket("socket.js")[0]?.contents ?? "",
    }));
  },
};

async function buildFiles(): Promise<ServedFiles> {
  const page = join(import.meta.dirname, "page");
  const { outputFiles } = await build({
    entryPoints: ["window", "worker", "holder"].map((name) => join(page, `${name}.ts`)),
    outdir: "/",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2024",
    plugins: [PUBLISHED_SOCKET],
    logLevel: "warning",
    write: false,
  });
  const html = (script: string): { type: string; body: string } => ({
    type: "text/html; charset=utf-8",
    body: `<!doctype html><title>Suite</title><body><script type="module" src="/${script}.js"></script>`,
  });
  return new Map<string, { readonly type: string; readonly body: string | Uint8Array }>([
    ["/suite.html", html("window")],
    ["/frame.html", html("holder")],
    ...outputFiles.map(
      ({ path, contents }) => [`/${basename(path)}`, { type: "text/javascript", body: contents }] as const,
    ),
  ]);
}
