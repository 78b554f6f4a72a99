import { ALL_FLOODS } from "../all-floods.ts";
import { Attack } from "./attack.ts";

/**
 * Entry of the process that floods: apart from the pair, so that what the pair sees is the server's doing.
 * It is told its flood, says that it is ready, begins at "begin", tells what it was told, and leaves at "leave".
 */
const [name, port, seconds] = process.argv.slice(2);
const flood = ALL_FLOODS.find((each) => each.name === name);
if (flood === undefined) throw new Error(`no flood has the name ${name}`);

// Whoever started this is gone: nobody wants to know.
process.on("disconnect", () => process.exit(0));
process.on("message", (said) => {
  if (said === "begin") void run();
});
process.send?.("ready");

async function run(): Promise<void> {
  const attack = new Attack(Number(port), Number(seconds));
  await flood?.attack(attack);
  process.send?.(attack.tellings.all());
  process.on("message", () => {
    attack.end();
    process.exit(0);
  });
}
