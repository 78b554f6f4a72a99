import { CodedError, systemClock } from "@parlor/base";
import { copyRooms, type CopyPlan, planCopy, verifyCopy } from "@parlor/log";
import { LEDGER_ROOM } from "@parlor/server";
import type { Command, CommandFlag, CommandWorld } from "./command.ts";
import { type CopyEnd, openSource, openTarget, readEnd } from "./copy-ends.ts";
import { CopiedFiles } from "./copy-files.ts";
import { are, counted, shareOf } from "./copy-words.ts";

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
  summary: "copies all rooms and their files from one log into another, while no server uses either",
  help: [
    "Messages keep their offsets, times and erasures, rooms their epochs, and who publishes is remembered: a client",
    "that was connected before goes on where it was, and what it sends again is stored once. Where it breaks off, say",
    "the same again: it goes on, and until it has ended no server opens the log that it copies into. Said again later,",
    "it adds what came since, and takes away what was erased, trimmed and deleted. A room that is there already and was",
    "written to on both sides, or that is no copy, is refused before anything is changed. At the end it compares both",
    "logs, room by room and message by message, and files byte for byte. What it copies from stays as it was. Rooms are",
    "counted with those that the server keeps beside them, and with those that were deleted. Uploaded files go along;",
    "uploads that have not come to their end begin anew.",
  ],
  argumentCount: [0, 0],
  flags: FLAGS,
  async run(given, world) {
    const [from, to] = [endOf("from", given.value("from"), world), endOf("to", given.value("to"), world)];
    if (from.words === to.words)
      throw new CodedError("bad-flag", `--from and --to name the same log: ${from.words}`);
    const { plan, lost } = await copyAll(from, to, world);
    await verifyAll(from, to, plan, lost, world);
    await world.say(`Start servers on ${to.words} only, from now on: on ${from.words} the rooms would part.`);
  },
};

function endOf(flag: string, given: string | undefined, world: CommandWorld): CopyEnd {
  const text = given ?? world.log;
  if (text !== undefined) return readEnd(flag, text, world.data);
  throw new CodedError("bad-flag", `--${flag} is missing: say which log`);
}

async function copyAll(
  from: CopyEnd,
  to: CopyEnd,
  world: CommandWorld,
): Promise<{ readonly plan: CopyPlan; readonly lost: ReadonlySet<string> }> {
  await using source = await openSource(from, false);
  await using target = await openTarget(to, source.epoch, false);
  const plan = await planCopy(
    source,
    target,
    (rooms, compared) =>
      world.progress(
        `looked at ${counted(rooms, "room")}${compared === 0 ? "" : `, compared ${counted(compared, "message")}`}`,
      ),
    // What it says goes from ledger to ledger: a file of SQLite has another one, and the room would grow old there.
    new Set([LEDGER_ROOM]),
  );
  await using files = await CopiedFiles.open([from, source], [to, target], world);
  await world.say(
    `Copying ${counted(plan.names.length, "room")} with ${counted(plan.messages, "message")} from ${source.words} to ${target.words}${thereWords(plan)}.`,
  );
  await files.copyBytes();
  await copyRooms(source, target, plan, (done, total) =>
    world.progress(`copied ${shareOf(done, total)} of ${counted(total, "message")}`),
  );
  await files.copyLedger(target);
  return { plan, lost: files.lost };
}

function thereWords({ there, lacking, outdated }: CopyPlan): string {
  const words = [
    there.size === 0 ? "" : `, of which ${are(there.size)} there already`,
    lacking.size === 0 ? "" : `, with changes since in ${lacking.size.toLocaleString("en")}`,
    outdated.size === 0 ? "" : `, and ${are(outdated.size)} copied anew`,
  ];
  return words.join("");
}

/** With both opened anew, so that what is compared is what is stored. */
async function verifyAll(
  from: CopyEnd,
  to: CopyEnd,
  plan: CopyPlan,
  lost: ReadonlySet<string>,
  world: CommandWorld,
): Promise<void> {
  await using source = await openSource(from, true);
  await using target = await openTarget(to, source.epoch, true);
  const verdict = await verifyCopy(source, target, plan, systemClock.now(), (done, total) =>
    world.progress(`compared ${shareOf(done, total)} of ${counted(total, "message")}`),
  );
  {
    await using files = await CopiedFiles.open([from, source], [to, target], world);
    await files.verify(lost);
  }
  await target.end();
  const { rooms, messages, producers, sha256 } = verdict;
  await world.say(
    `Copied and compared: ${counted(rooms, "room")}, ${counted(messages, "message")} and ${counted(producers, "producer")} are the same in both.`,
  );
  await world.say(`sha256 of both: ${sha256}`);
}
