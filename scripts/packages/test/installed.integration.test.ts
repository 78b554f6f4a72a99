import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { CHROMIUM_ARGS, findProgram } from "@parlor/testkit";
import { chromium, type Browser } from "playwright-core";
import { publint } from "publint";
import { build, type Rollup } from "vite";
import { InstalledProject } from "./installed-project.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../../..");

describe("the packages, packed and installed into an empty project", () => {
  let project: InstalledProject;
  before(async () => {
    project = await InstalledProject.make();
  });
  after(() => project[Symbol.dispose]());

  test("[PACK-1] a server and a client say and hear, and a restart continues", async () => {
    const folder = join(project.folder, "data");
    assert.deepEqual(await project.prints("esm.mjs", folder, "first"), {
      heard: ["first"],
      offset: 1,
      doubled: 42,
    });
    assert.deepEqual(await project.prints("esm.mjs", folder, "second"), {
      heard: ["first", "second"],
      offset: 2,
      doubled: 42,
    });
  });

  test("[PACK-1] require() takes them, too", async () => {
    const printed = await project.prints("required.cjs");
    assert.deepEqual(printed, { offset: 1, subprotocol: "parlor.v1", violations: [] });
  });

  test("[PACK-1] a page built by Vite talks to a server, with what it needs later in chunks of their own", async () => {
    writeFileSync(
      join(project.folder, "index.html"),
      '<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="./page.js"></script>\n',
    );
    const { output } = (await build({
      root: project.folder,
      configFile: false,
      logLevel: "error",
    })) as Rollup.RollupOutput;
    const chunks = output.filter((each) => each.type === "chunk");
    const homeOf = (module: string): string | undefined =>
      chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(`/client/dist/${module}`)))?.fileName;
    const entry = homeOf("client.js");
    assert.equal(entry, chunks.find(({ isEntry }) => isEntry)?.fileName);
    for (const later of ["requests.js", "transports/racing-transport.js"]) {
      assert.notEqual(homeOf(later), undefined, `${later} was built`);
      assert.notEqual(homeOf(later), entry, `${later} is a chunk of its own`);
    }
    assert.equal(homeOf("room-state.js"), undefined, "what the page does not use is left out");

    await using server = await project.serves(["page-server.mjs"]);
    const browser = await chromium.launch({
      executablePath: findProgram("chromium"),
      args: [...CHROMIUM_ARGS],
    });
    try {
      for (const transports of [undefined, ["stream"], ["poll"]]) {
        assert.deepEqual(await talkIn(browser, server.url, transports), {
          heard: [{ text: "from a page" }],
          doubled: 8,
        });
      }
    } finally {
      await browser.close();
    }
  });

  for (const resolution of ["nodenext", "bundler"] as const) {
    test(`[PACK-1] the declarations hold for a server, resolved as ${resolution} does`, async () => {
      await compiles(project, resolution, "types.ts", ["node"], ["es2024", "esnext.disposable"]);
    });
  }

  test("[PACK-1] the client's declarations hold in a page, without the types of Node", async () => {
    await compiles(project, "bundler", "page-types.ts", [], ["es2024", "dom", "dom.iterable"]);
  });

  test("[PACK-1] the command serves its page, with several processes, too, and keeps what was said", async () => {
    assert.match(await project.runs("parlor", "--version"), /^parlor \d+\.\d+\.\d+\n$/);
    const command = "node_modules/.bin/parlor";
    const where = ["--port", "0", "--data", join(project.folder, "kept")];
    for (const [i, workers] of ["1", "2"].entries()) {
      await using server = await project.serves([command, ...where, "--workers", workers]);
      const page = await (await fetch(server.url)).text();
      const script = /src="([^"]+app-[^"]+\.js)"/.exec(page)?.[1] ?? "no script";
      for (const path of [script, "tutorial", "status", "r/news/live.html"]) {
        assert.equal(await statusOf(new URL(path, server.url)), 200, path);
      }
      const rest = new URL("rooms/news/messages", server.url);
      const sent = await fetch(rest, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(`said under ${workers}`),
      });
      assert.equal(sent.status, 201);
      const { messages } = (await (await fetch(rest)).json()) as { readonly messages: readonly unknown[] };
      assert.equal(messages.length, i + 1);
      assert.equal(await server.end(), 0);
    }
  });

  test("[PACK-2] what is packed is licensed, explained and whole, and holds no source that Node would not run", async () => {
    for (const folder of project.built) {
      const { messages } = await publint({ pkgDir: folder, strict: true, pack: false });
      assert.deepEqual(messages, [], folder);
      const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name: string };
      const files = project.packed.get(name) ?? [];
      for (const file of ["LICENSE", "README.md", "package.json"])
        assert.ok(files.includes(file), `${name}: ${file}`);
      assert.deepEqual(
        files.filter((path) => (/\.tsx?$/.test(path) && !path.endsWith(".d.ts")) || /\.test\./.test(path)),
        [],
      );
    }
  });
});

/** What the page heard and was answered, over the transports that it may use. */
async function talkIn(browser: Browser, url: string, transports: unknown): Promise<unknown> {
  const page = await browser.newPage();
  try {
    await page.goto(url);
    // Written as text, as it runs in the page.
    return await page.evaluate(`window.talk(${JSON.stringify(transports)})`);
  } finally {
    await page.close();
  }
}

async function statusOf(url: URL): Promise<number> {
  const controller = new AbortController();
  const { status } = await fetch(url, { signal: controller.signal });
  // Some pages do not end.
  controller.abort();
  return status;
}

/** Checks a file with every declaration that it reaches, as strictly as TypeScript can. */
async function compiles(
  project: InstalledProject,
  resolution: "nodenext" | "bundler",
  file: string,
  types: readonly string[],
  lib: readonly string[],
): Promise<void> {
  const folder = join(project.folder, `compiled-${resolution}-${file}`);
  mkdirSync(folder);
  const config = join(folder, "tsconfig.json");
  const compilerOptions = {
    target: "es2024",
    module: resolution === "bundler" ? "esnext" : "nodenext",
    moduleResolution: resolution,
    lib,
    types,
    typeRoots: ["../node_modules/@types"],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [`../${file}`] }));
  writeFileSync(join(project.folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, "-p", config]).catch((error: { readonly stdout: string }) =>
    assert.fail(error.stdout),
  );
}
