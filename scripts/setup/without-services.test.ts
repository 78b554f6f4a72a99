import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ScratchFolder } from "../scratch-folder.ts";

type WithoutServices = <T>(task: () => T | Promise<T>, policy: string) => Promise<T>;
const { withoutServices } = (await import(new URL("without-services.mjs", import.meta.url).href)) as {
  readonly withoutServices: WithoutServices;
};

describe("installing without services", () => {
  test("packages are told to start none while the task runs, and no longer", async () => {
    using folder = new ScratchFolder({});
    const policy = join(folder.root, "policy-rc.d");
    const said = await withoutServices(() => spawnSync(policy, ["nginx", "start"]).status, policy);
    assert.equal(said, 101);
    assert.equal(existsSync(policy), false);
    await assert.rejects(
      withoutServices(() => Promise.reject(new Error("no network")), policy),
      /no network/,
    );
    assert.equal(existsSync(policy), false);
  });

  test("a policy that the machine has is left as it is", async () => {
    using folder = new ScratchFolder({ "policy-rc.d": "theirs" });
    const policy = join(folder.root, "policy-rc.d");
    await withoutServices(() => undefined, policy);
    assert.equal(readFileSync(policy, "utf8"), "theirs");
  });

  test("what a killed set-up leaves behind says yes again", async () => {
    using folder = new ScratchFolder({});
    const policy = join(folder.root, "policy-rc.d");
    const script = await withoutServices(() => readFileSync(policy, "utf8"), policy);
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    folder.write("left", script.replace(String(process.pid), String(gone)));
    assert.equal(spawnSync("sh", [join(folder.root, "left")]).status, 0);
  });
});
