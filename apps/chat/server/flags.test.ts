import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { helpText } from "./flag-help.ts";
import { FLAGS, type Settings } from "./flag-table.ts";
import { readCommandLine } from "./flags.ts";

function settings(args: readonly string[], environment: Record<string, string> = {}): Settings {
  const line = readCommandLine(args, environment);
  assert.equal(line.kind, "serve", line.kind === "fault" ? line.message : line.kind);
  return line.kind === "serve" ? line.settings : assert.fail();
}

function fault(args: readonly string[], environment: Record<string, string> = {}): string {
  const line = readCommandLine(args, environment);
  return line.kind === "fault" ? line.message : assert.fail(`no fault, but ${line.kind}`);
}

describe("readCommandLine", () => {
  test("[START-1] nothing given means the defaults of the protocol's table", () => {
    assert.deepEqual(settings([]), {
      port: 8080,
      host: "127.0.0.1",
      data: "./data",
      log: "sqlite:",
      origins: [],
      trustProxy: [],
      basePath: "/",
      publishPerSecond: 20,
      connectionsPerAddress: 200,
      maxBodyBytes: 65536,
      maxFileBytes: 26_214_400,
      roomFilesBytes: 2_147_483_648,
      identityFilesBytes: 268_435_456,
      heartbeatMs: 25000,
      signalsPerSecond: 100,
      linkPreviews: "none",
      retainMessages: Infinity,
      retainDays: Infinity,
      retainBytes: Infinity,
      operatorKey: "",
      events: "none",
      workers: 1,
    });
  });

  test("[START-2] every setting can come from the environment, and a flag wins over it", () => {
    const values: Record<keyof typeof FLAGS, readonly [string, string]> = {
      port: ["1", "2"],
      host: ["::1", "::"],
      data: ["a", "b"],
      log: ["memory:", "sqlite:x"],
      origins: ["https://a.example", "https://b.example"],
      trustProxy: ["10.0.0.1", "10.0.0.0/8"],
      basePath: ["/a/", "/b/"],
      publishPerSecond: ["1.5", "Infinity"],
      connectionsPerAddress: ["5", "Infinity"],
      maxBodyBytes: ["5", "6"],
      maxFileBytes: ["5", "6"],
      roomFilesBytes: ["5", "Infinity"],
      identityFilesBytes: ["5", "Infinity"],
      heartbeatMs: ["500", "600"],
      signalsPerSecond: ["5", "6"],
      linkPreviews: ["example.org", "public"],
      retainMessages: ["5", "Infinity"],
      retainDays: ["0.5", "6"],
      retainBytes: ["5", "6"],
      operatorKey: ["one", "two"],
      events: ["stderr", "none"],
      workers: ["2", "3"],
    };
    for (const [name, flag] of Object.entries(FLAGS)) {
      const [fromEnvironment, fromFlag] = values[name as keyof typeof FLAGS];
      const environment = { [flag.environment]: fromEnvironment };
      const key = name as keyof Settings;
      assert.equal(String(settings([], environment)[key]), fromEnvironment, flag.environment);
      assert.equal(String(settings([`--${flag.flag}`, fromFlag], environment)[key]), fromFlag, flag.flag);
      assert.equal(String(settings([`--${flag.flag}=${fromFlag}`], environment)[key]), fromFlag, flag.flag);
    }
  });

  test("[START-2] a variable set to nothing counts as not set, and the last of two flags counts", () => {
    assert.equal(settings([], { PORT: "" }).port, 8080);
    assert.equal(settings(["--port", "1", "--port", "2"]).port, 2);
  });

  test("[START-3] a bad value is a sentence that names its source and what it takes", () => {
    assert.equal(fault(["--port", "http"]), '--port takes a whole number from 0 to 65535, not "http".');
    assert.equal(fault([], { PORT: "http" }), 'PORT takes a whole number from 0 to 65535, not "http".');
    const bad: readonly (readonly [string, readonly string[]])[] = [
      ["port", ["-1", "65536", "1.5", "0x50", "1e3", " 80", "", "٣"]],
      ["host", ["", " "]],
      ["data", ["", " "]],
      ["log", ["", "sqlite", "postgres://x", "memory"]],
      [
        "origins",
        [
          "",
          ",",
          "*",
          "null",
          "chat.example",
          "https://a.example/",
          "https://A.example",
          "ws://a.example",
          "https://a.example:443",
        ],
      ],
      ["trust-proxy", ["", "localhost", "10.0.0.0/33", "::1/129", "10.0.0.0/8/8", "10.0.0/8", "10.0.0.0/"]],
      ["base-path", ["", "chat", "//", "/a//b", "/../", "/a b", "/ü", "/%2e", "/?x"]],
      ["publish-per-second", ["0", "0.5", "-1", "NaN", "fast", "1e3", "infinity"]],
      ["connections-per-address", ["0", "1.5", "-Infinity"]],
      ["max-body-bytes", ["0", "Infinity", "16777217"]],
      ["heartbeat-ms", ["0", "9", "Infinity"]],
      ["signals-per-second", ["0", "Infinity"]],
      ["retain-messages", ["0", "1.5", "all"]],
      ["retain-days", ["0", "-3", "1d"]],
      ["retain-bytes", ["0", "1MB"]],
      ["operator-key", ["", " ", "ключ", "a b"]],
      ["events", ["", "stdout", "STDERR", "all"]],
      ["workers", ["0", "-1", "1.5", "65", "Infinity", "two"]],
    ];
    for (const [flag, values] of bad) {
      for (const value of values) {
        const sentence = fault([`--${flag}=${value}`]);
        assert.match(sentence, new RegExp(`^--${flag} takes .+\\.$`), `${flag} ${value}`);
        assert.equal(sentence.split("\n").length, 1);
      }
    }
  });

  test("[START-3] a value is missing, a flag or a command is unknown: a sentence that names it", () => {
    assert.match(fault(["--port"]), /^--port needs a value\. /);
    assert.match(fault(["--prot", "1"]), /^There is no flag --prot\. /);
    assert.match(fault(["-p", "1"]), /^There is no flag -p\. /);
    assert.match(fault(["--constructor"]), /^There is no flag --constructor\. /);
    assert.match(fault(["--trustProxy", "10.0.0.1"]), /^There is no flag --trustProxy\. /);
    assert.match(fault(["--no-port"]), /^There is no flag --no-port\. /);
    assert.match(fault(["serve"]), /^There is no command "serve"\. /);
    assert.equal(fault(["--port", "--host"]), '--port takes a whole number from 0 to 65535, not "--host".');
  });

  test("[START-5] --help and --version win over everything else on the line", () => {
    assert.deepEqual(readCommandLine(["--port", "x", "--help"], {}), { kind: "help" });
    assert.deepEqual(readCommandLine(["--nonsense", "--version"], {}), { kind: "version" });
  });

  test("[START-6] a secret is not repeated in a sentence", () => {
    assert.ok(!fault(["--operator-key", " \0 hush"]).includes("hush"));
  });

  test("the path and lists come back in one form", () => {
    assert.equal(settings(["--base-path", "/chat"]).basePath, "/chat/");
    assert.deepEqual(settings(["--origins", "https://a.example, http://b.example:81,"]).origins, [
      "https://a.example",
      "http://b.example:81",
    ]);
    assert.deepEqual(settings(["--trust-proxy", "::1,10.0.0.0/8"]).trustProxy, ["::1", "10.0.0.0/8"]);
  });
});

describe("helpText", () => {
  test("[START-5] names every flag and variable with its default, in lines of at most 100 characters", () => {
    const help = helpText();
    for (const flag of Object.values(FLAGS)) {
      assert.ok(help.includes(`  --${flag.flag} ${flag.placeholder}`), flag.flag);
      assert.ok(help.includes(flag.environment), flag.environment);
    }
    for (const line of help.split("\n")) assert.ok(line.length <= 100, line);
  });
});
