import { CodedError, systemClock } from "@parlor/base";
import { copyRooms, type CopyPlan, planCopy, verifyCopy } from "@parlor/log";
import { hasFiles } from "@parlor/server";
import { filesFolder } from "../kept-files.ts";
import type { Command, CommandFlag, CommandWorld } from "./command.ts";
import { type CopyEnd, openSource, openTarget, readEnd, streamWithFiles } from "./copy-ends.ts";

const FLAGS: readonly CommandFlag[] = [
  {
    name: "from",
    placeholder: "LOG",
    help: "what is copied: sqlite: (in PARLOR_DATA, else ./data), sqlite:FOLDER, or nats://HOST:4222,HOST:4222 (default: PARLOR_LOG)",
  },
  { name: "to", placeholder: "LOG", help: "where to, in the same words (default: PARLOR_LOG)" },
];

export const copy: Command = {
  name: "copy",
  usage: "copy --from LOG --to LOG",
  summary: "copies all rooms from one log into another, while no server uses either",
  help: [
    "Messages keep their offsets, times and erasures, rooms their epochs, and who publishes is remembered: a client",
    "that was connected before goes on where it was, and what it sends again is stored once. Where it breaks off, say",
    "the same again: it goes on, and until it has ended no server opens the log that it copies into. Said again later,",
    "it adds what came since, and takes away what was erased, trimmed and deleted. A room that is there already and was",
    "written to on both sides, or that is no copy, is refused before anything is changed. At the end it compares both",
    "logs, room by room and message by message. What it copies from stays as it was. Rooms are counted with those that",
    "the server keeps beside them, and with those that were deleted. Uploaded files are not copied.",
  ],
  argumentCount: [0, 0],
  flags: FLAGS,
  async run(given, world) {
    const [from, to] = [endOf("from", given.value("from"), world), endOf("to", given.value("to"), world)];
    if (from.words === to.words)
      throw new CodedError("bad-flag", `--from and --to name the same log: ${from.words}`);
    const plan = await copyAll(from, to, world);
    await verifyAll(from, to, plan, world);
    const where = await filesOf(from);
    if (where !== null) {
      await world.say(
        `Files that people uploaded are not copied: they stay in ${where}, and messages name them in vain.`,
      );
    }
    await world.say(`Start servers on ${to.words} only, from now on: on ${from.words} the rooms would part.`);
  },
};

/** Where the files are that do not go along; null where there are none. */
async function filesOf(end: CopyEnd): Promise<string | null> {
  if (end.kind === "sqlite") return hasFiles(filesFolder(end.folder)) ? filesFolder(end.folder) : null;
  return await streamWithFiles(end.url);
}

function endOf(flag: string, given: string | undefined, world: CommandWorld): CopyEnd {
  const text = given ?? world.log;
  if (text !== undefined) return readEnd(flag, text, world.data);
  throw new CodedError("bad-flag", `--${flag} is missing: say which log`);
}

async function copyAll(from: CopyEnd, to: CopyEnd, world: CommandWorld): Promise<CopyPlan> {
  await using source = await openSource(from);
  await using target = await openTarget(to, source.epoch, false);
  const plan = await planCopy(source, target, (rooms, compared) =>
    world.progress(
      `looked at ${counted(rooms, "room")}${compared === 0 ? "" : `, compared ${counted(compared, "message")}`}`,
    ),
  );
  await world.say(
    `Copying ${counted(plan.names.length, "room")} with ${counted(plan.messages, "message")} from ${source.words} to ${target.words}${thereWords(plan)}.`,
  );
  await copyRooms(source, target, plan, (done, total) =>
    world.progress(`copied ${shareOf(done, total)} of ${counted(total, "message")}`),
  );
  return plan;
}

function thereWords({ there, lacking, outdated }: CopyPlan): string {
  const words = [
    there.size === 0 ? "" : `, of which ${counted(there.size, "room")} are there already`,
    lacking.size === 0 ? "" : ` and ${lacking.size.toLocaleString("en")} of those have changed since`,
    outdated.size === 0 ? "" : `, and ${counted(outdated.size, "room")} are copied anew`,
  ];
  return words.join("");
}

/** With both opened anew, so that what is compared is what is stored. */
async function verifyAll(from: CopyEnd, to: CopyEnd, plan: CopyPlan, world: CommandWorld): Promise<void> {
  await using source = await openSource(from);
  await using target = await openTarget(to, source.epoch, true);
  const verdict = await verifyCopy(source, target, plan, systemClock.now(), (done, total) =>
    world.progress(`compared ${shareOf(done, total)} of ${counted(total, "message")}`),
  );
  await target.end();
  const { rooms, messages, producers, sha256 } = verdict;
  await world.say(
    `Copied and compared: ${counted(rooms, "room")}, ${counted(messages, "message")} and ${counted(producers, "producer")} are the same in both.`,
  );
  await world.say(`sha256 of both: ${sha256}`);
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

function shareOf(done: number, total: number): string {
  return `${total === 0 ? 100 : Math.floor((done / total) * 100)} %`;
}
