import type { ProjectionModule } from "./projection-subject.ts";
import { readingStep, said } from "./projection-subject.ts";

/**
 * A process that reads a room into a projection until it is killed, and writes a line for each step that was taken.
 * Arguments: the address of the projection's module, the path of its file, the room.
 */
const MESSAGES_A_STEP = 40;
const [module = "", path = "", room = ""] = process.argv.slice(2);
const { subjectAt } = (await import(module)) as ProjectionModule;
const { projection } = subjectAt(path);
await projection.open(1);
// Whoever started it is gone.
process.stdin.resume().on("end", () => process.exit());
for (;;) {
  const before = await projection.position(room);
  const step = readingStep(room, before, said((before?.offset ?? 0) + 1, MESSAGES_A_STEP));
  const { kind } = await projection.take(step);
  process.stdout.write(`${kind}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
