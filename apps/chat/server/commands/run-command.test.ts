import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { COMMANDS, commandOf, runCommand } from "./run-command.ts";

describe("runCommand", () => {
  for (const command of COMMANDS) {
    const run = async (
      ...args: string[]
    ): Promise<{ code: number; said: string[]; complained: string[] }> => {
      const [said, complained]: [string[], string[]] = [[], []];
      const code = await runCommand(command, args, {
        say: (line) => void said.push(line),
        complain: (line) => void complained.push(line),
        progress: () => undefined,
        data: "/nowhere/at/all",
      });
      return { code, said, complained };
    };

    test(`[CMD-4] ${command.name} has its help`, async () => {
      assert.equal(commandOf([command.name, "x"]), command);
      const { code, said, complained } = await run("--help");
      assert.deepEqual([code, complained], [0, []]);
      assert.ok(said[0]?.startsWith(`parlor ${command.usage}\n`));
    });

    test(`[CMD-4] ${command.name}: misuse and what can't be done are one sentence and exit code 2`, async () => {
      const right = Array.from({ length: command.argumentCount }, () => "a");
      const wrong = [
        [...right, "b"],
        [...right, "--force"],
        [...right, "--data"],
        [...right, "--data", ""],
      ];
      for (const args of right.length === 0 ? wrong : [...wrong, [], [""]]) {
        const { code, said, complained } = await run(...args);
        assert.deepEqual([code, said, complained.length], [2, [], 1]);
        assert.match(
          complained[0] ?? "",
          new RegExp(`^parlor ${command.name}: [^\\n]+\\. See parlor ${command.name} --help\\.$`),
        );
      }
      const { code, complained } = await run(...right.map(() => "nowhere"));
      assert.equal(code, 2);
      assert.match(complained.join("\n"), /^parlor \w+: there is no [^\n]+\.$/);
    });
  }

  test("[CMD-4] what is no command is left to the flags", () => {
    assert.equal(commandOf(["--port", "0"]), undefined);
    assert.equal(commandOf([]), undefined);
  });
});
