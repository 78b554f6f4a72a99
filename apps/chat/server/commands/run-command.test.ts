import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type HeardCommand, runHeard } from "../test/heard-command.ts";
import { COMMANDS, commandOf } from "./run-command.ts";

describe("runCommand", () => {
  for (const command of COMMANDS) {
    const { name, argumentCount, flags, usage } = command;
    const run = (...args: string[]): Promise<HeardCommand> => runHeard([name, ...args]);

    test(`[CMD-4] ${name} has its help, with every flag`, async () => {
      assert.equal(commandOf([name, "x"]), command);
      const { code, said, complained } = await run("--help");
      assert.deepEqual([code, complained], [0, []]);
      assert.ok(said[0]?.startsWith(`parlor ${usage}\n`));
      for (const flag of flags) assert.match(said[0] ?? "", new RegExp(`\n  --${flag.name}\\b`));
    });

    test(`[CMD-4] ${name}: misuse is one sentence and exit code 2`, async () => {
      const [min, max] = argumentCount;
      const words = (count: number): string[] => Array.from({ length: count }, () => "a");
      const wrong = [
        [...words(max), "b"],
        [...words(min), "--force"],
        [...words(min), "-x"],
      ];
      if (min > 0) wrong.push(words(min - 1), [...words(min - 1), ""]);
      for (const { name: flag, placeholder } of flags) {
        if (placeholder === null) wrong.push([...words(min), `--${flag}=x`]);
        else wrong.push([...words(min), `--${flag}`], [...words(min), `--${flag}`, ""]);
      }
      for (const args of wrong) {
        const { code, said, complained } = await run(...args);
        assert.deepEqual([code, said, complained.length], [2, [], 1], args.join(" "));
        assert.match(
          complained[0] ?? "",
          new RegExp(`^parlor ${name}: [^\\n]+\\. See parlor ${name} --help\\.$`),
        );
      }
    });
  }

  for (const command of COMMANDS.filter(({ flags }) => flags.some(({ name }) => name === "data"))) {
    test(`[CMD-4] ${command.name}: where there is nothing, it says so and makes nothing`, async () => {
      const args = Array.from({ length: command.argumentCount[0] }, () => "nowhere");
      const { code, complained } = await runHeard([command.name, ...args]);
      assert.equal(code, 2);
      assert.match(complained.join("\n"), /^parlor \w+: there is no [^\n]+\.$/);
    });
  }

  test("[CMD-4] what is no command is left to the flags", () => {
    assert.equal(commandOf(["--port", "0"]), undefined);
    assert.equal(commandOf([]), undefined);
  });
});
