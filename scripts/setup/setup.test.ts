import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ScratchFolder } from "../scratch-folder.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");

/** Stands in for npm: `npm ci` notes that it ran, and leaves the Node that runs this test. */
const FAKE_NPM = `
import { appendFileSync, mkdirSync, symlinkSync } from "node:fs";
appendFileSync("calls", "npm " + process.argv.slice(2).join(" ") + "\\n");
if (process.env.NPM_FAILS) { console.error("npm error: no network"); process.exit(1); }
await new Promise((resolve) => setTimeout(resolve, Number(process.env.NPM_TAKES_MS ?? 0)));
mkdirSync("node_modules/.bin", { recursive: true });
symlinkSync(process.execPath, "node_modules/.bin/node");
`;
const FAKE_BUILD = `
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
appendFileSync("calls", "build\\n");
if (process.env["BUILD_FAILS"]) throw new Error("no such element");
mkdirSync("apps/chat/web/dist", { recursive: true });
writeFileSync("apps/chat/web/dist/index.html", "page" as string);
`;

/** What the tests start; here each is an empty file that can be run. */
const PROGRAMS = Object.keys(
  JSON.parse(readFileSync(join(REPOSITORY, "packages", "testkit", "programs.json"), "utf8")) as object,
);

/** A repository with our set-up in it, and stand-ins for what it starts. */
class FakeRepository extends ScratchFolder {
  constructor() {
    super({
      "package-lock.json": JSON.stringify({ packages: { "": {}, "node_modules/a": { version: "1.0.0" } } }),
      "fake-npm.mjs": FAKE_NPM,
      "apps/chat/web/build.ts": FAKE_BUILD,
      "apps/chat/web/page.ts": "1",
      "packages/client/src/index.ts": "1",
      "packages/protocol/src/index.ts": "1",
      "packages/base/src/index.ts": "1",
      "examples/game/world.ts": "1",
      "examples/tutorial/index.html": "1",
      ...Object.fromEntries(PROGRAMS.map((name) => [`bin/${name}`, ""])),
    });
    cpSync(join(REPOSITORY, "scripts", "setup"), join(this.root, "scripts", "setup"), { recursive: true });
    cpSync(join(REPOSITORY, "scripts", "setup.mjs"), join(this.root, "scripts", "setup.mjs"));
    mkdirSync(join(this.root, "packages", "testkit"));
    cpSync(
      join(REPOSITORY, "packages", "testkit", "programs.json"),
      join(this.root, "packages", "testkit", "programs.json"),
    );
    for (const name of PROGRAMS) spawnSync("chmod", ["+x", join(this.root, "bin", name)]);
  }

  /** Runs the set-up; returns its exit code and what it said. */
  run(command: string, environment: NodeJS.ProcessEnv = {}): { exitCode: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, this.arguments(command), {
      env: this.environment(environment),
      encoding: "utf8",
    });
    return { exitCode: status, said: stdout + stderr };
  }

  start(command: string, environment: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, this.arguments(command), {
      env: this.environment(environment),
      stdio: ["ignore", "pipe", "inherit"],
    });
  }

  arguments(command: string): string[] {
    return [join(this.root, "scripts", "setup.mjs"), command];
  }

  environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return {
      PATH: join(this.root, "bin"),
      npm_node_execpath: process.execPath,
      npm_execpath: join(this.root, "fake-npm.mjs"),
      ...more,
    };
  }

  /** What was started since the last call. */
  takeCalls(): string[] {
    const path = join(this.root, "calls");
    const calls = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    rmSync(path, { force: true });
    return calls;
  }
}

describe("setup", () => {
  test("an empty clone gets its packages and its page, one line each", () => {
    using repository = new FakeRepository();
    const { exitCode, said } = repository.run("start");
    assert.equal(exitCode, 0, said);
    assert.match(said, /^setup: installing the packages .*\nsetup: building the page\n$/);
    assert.deepEqual(repository.takeCalls(), ["npm ci", "build"]);
  });

  test("when nothing changed it does nothing and says nothing", () => {
    using repository = new FakeRepository();
    repository.run("test");
    repository.takeCalls();
    assert.deepEqual(repository.run("test"), { exitCode: 0, said: "" });
    assert.deepEqual(repository.takeCalls(), []);
  });

  test("checking needs no page", () => {
    using repository = new FakeRepository();
    repository.run("check");
    assert.deepEqual(repository.takeCalls(), ["npm ci"]);
  });

  test("a changed lock installs again", () => {
    using repository = new FakeRepository();
    repository.run("check");
    repository.takeCalls();
    repository.write("package-lock.json", JSON.stringify({ packages: {} }));
    rmSync(join(repository.root, "node_modules", ".bin"), { recursive: true });
    repository.run("check");
    assert.deepEqual(repository.takeCalls(), ["npm ci"]);
  });

  test("packages that somebody installed by hand from the same lock are taken as they are", () => {
    const installed = (version: string): string[] => {
      using repository = new FakeRepository();
      repository.run("check");
      rmSync(join(repository.root, "node_modules", ".parlor-setup"));
      const packages = { "node_modules/a": { version } };
      repository.write("node_modules/.package-lock.json", JSON.stringify({ packages }));
      repository.takeCalls();
      rmSync(join(repository.root, "fake-npm.mjs"));
      repository.write(
        "fake-npm.mjs",
        'import { appendFileSync } from "node:fs"; appendFileSync("calls", "npm\\n");',
      );
      repository.run("check");
      return repository.takeCalls();
    };
    assert.deepEqual(installed("1.0.0"), []);
    assert.deepEqual(installed("0.9.0"), ["npm"]);
  });

  const stale: readonly [what: string, change: (repository: FakeRepository) => void][] = [
    ["a source of the page changed", (repository) => repository.write("apps/chat/web/page.ts", "2")],
    ["a source of the client changed", (repository) => repository.write("packages/client/src/index.ts", "2")],
    ["a source was added", (repository) => repository.write("packages/base/src/more.ts", "2")],
    ["the tutorial changed", (repository) => repository.write("examples/tutorial/index.html", "2")],
    [
      "what was built is gone",
      (repository) => rmSync(join(repository.root, "apps/chat/web/dist"), { recursive: true }),
    ],
  ];
  for (const [what, change] of stale) {
    test(`the page is built again when ${what}`, () => {
      using repository = new FakeRepository();
      repository.run("start");
      repository.takeCalls();
      change(repository);
      assert.equal(repository.run("start").exitCode, 0);
      assert.deepEqual(repository.takeCalls(), ["build"]);
    });
  }

  test("a failure of npm is told with what npm said and what to do, and is tried again the next time", () => {
    using repository = new FakeRepository();
    const { exitCode, said } = repository.run("start", { NPM_FAILS: "1" });
    assert.equal(exitCode, 1);
    assert.match(said, /npm error: no network\n[^]*setup: npm ci failed.*run: npm ci\n$/);
    assert.equal(repository.run("start").exitCode, 0);
  });

  test("a failure of the page's build is told, and the page is not taken for built", () => {
    using repository = new FakeRepository();
    const { exitCode, said } = repository.run("start", { BUILD_FAILS: "1" });
    assert.equal(exitCode, 1);
    assert.match(said, /no such element[^]*setup: the page could not be built/);
    repository.takeCalls();
    repository.run("start");
    assert.deepEqual(repository.takeCalls(), ["build"]);
  });

  test("a browser that is named by PARLOR_CHROMIUM and not there is an error in words", () => {
    using repository = new FakeRepository();
    const { exitCode, said } = repository.run("test", { PARLOR_CHROMIUM: "/nowhere/chrome" });
    assert.equal(exitCode, 1);
    assert.match(said, /PARLOR_CHROMIUM says \/nowhere\/chrome, and there is no program there/);
  });

  // Whoever runs this test has one of the two ways; the other is another machine's.
  if (isRootOnDebian()) {
    test("as root on Debian a missing program is installed by apt", () => {
      using repository = new FakeRepository();
      rmSync(join(repository.root, "bin", "strace"));
      const bin = join(repository.root, "bin");
      const apt = `#!/bin/sh\necho "apt-get $*" >> ${repository.root}/calls\n[ "$1" = install ] && echo > ${bin}/strace && /bin/chmod +x ${bin}/strace; true\n`;
      repository.write("bin/apt-get", apt);
      spawnSync("chmod", ["+x", join(bin, "apt-get")]);
      const { exitCode, said } = repository.run("test");
      assert.equal(exitCode, 0, said);
      assert.match(said, /setup: installing strace for the durability tests/);
      assert.deepEqual(repository.takeCalls().slice(1, 3), [
        "apt-get update",
        "apt-get install -y --no-install-recommends strace",
      ]);
    });

    test("as root on Debian a failure of apt is told with what a person can do", () => {
      using repository = new FakeRepository();
      rmSync(join(repository.root, "bin", "chromium"));
      repository.write("bin/apt-get", "#!/bin/sh\necho no such package\nexit 100\n");
      spawnSync("chmod", ["+x", join(repository.root, "bin", "apt-get")]);
      const { exitCode, said } = repository.run("test");
      assert.equal(exitCode, 1);
      assert.match(said, /no such package\n[^]*the browser tests need chromium, .*PARLOR_CHROMIUM/);
    });
  } else {
    test("a missing program that cannot be had fails with the command that brings it", () => {
      using repository = new FakeRepository();
      rmSync(join(repository.root, "bin", "strace"));
      const { exitCode, said } = repository.run("test");
      assert.equal(exitCode, 1);
      assert.match(said, /the durability tests need strace, .*apt-get install -y strace/);
    });
  }

  test("two that start at once install once", async () => {
    using repository = new FakeRepository();
    const both = ["start", "check"].map((command) => repository.start(command, { NPM_TAKES_MS: "500" }));
    const exitCodes = await Promise.all(both.map(async (child) => (await once(child, "exit"))[0] as number));
    assert.deepEqual(exitCodes, [0, 0]);
    assert.deepEqual(repository.takeCalls(), ["npm ci", "build"]);
  });

  test("a lock whose process is gone is taken over", () => {
    using repository = new FakeRepository();
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    repository.write(".build/setup.lock", String(pid));
    assert.equal(repository.run("check").exitCode, 0);
    assert.equal(existsSync(join(repository.root, ".build", "setup.lock")), false);
  });

  test("when its parent is killed it ends, and so does what it started", async () => {
    using repository = new FakeRepository();
    const script = `require("child_process").spawn(process.execPath, ${JSON.stringify(repository.arguments("check"))}, { stdio: "inherit" });`;
    const parent = spawn(process.execPath, ["-e", script], {
      env: repository.environment({ NPM_TAKES_MS: "60000" }),
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(parent.stdout, "data");
    parent.kill("SIGKILL");
    // The pipe closes when the last process that holds it is gone.
    parent.stdout.resume();
    await once(parent.stdout, "close");
  });

  test("an unknown command is answered with how to use it", () => {
    using repository = new FakeRepository();
    const { exitCode, said } = repository.run("stop");
    assert.equal(exitCode, 2);
    assert.equal(said, "usage: node scripts/setup.mjs start|test|check|bench|floods|torture\n");
  });
});

function isRootOnDebian(): boolean {
  const isDebian =
    existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
  return isDebian && process.getuid?.() === 0;
}
