import { createHash } from "node:crypto";
import { CodedError, systemClock } from "@parlor/base";
import { type ClientOptions, ParlorClient, type Published } from "@parlor/client";
import { parseJson } from "@parlor/protocol";
import { type Command, type GivenArguments, URL_FLAG } from "./command.ts";
import { checkRoom, wholeNumberOf } from "./command-arguments.ts";
import { type InputLine, inputLines } from "./input-lines.ts";
import { noteOutages } from "./outages.ts";

const DEFAULT_WAIT_S = 30;
const MAX_WAIT_S = 86_400;
const MAX_KEY_CHARACTERS = 128;

export const publish: Command = {
  name: "publish",
  usage: "publish ROOM [TEXT] [--name NAME | --json] [--key KEY] [--url URL]",
  summary: "stores a text, or each line of stdin, by way of a running server",
  help: [
    "It prints the offset of each when it is on the server's disk. Lines are stored in order, the next one when the",
    "last one is acknowledged, and empty ones are left out. At the first that is refused it ends with exit code 2;",
    "those before it are stored, and nothing behind it was sent. Where TEXT may begin with a dash, put -- before ROOM.",
  ],
  argumentCount: [1, 2],
  flags: [
    { name: "name", placeholder: "NAME", help: "who is said to have written it (default: nobody)" },
    {
      name: "json",
      placeholder: null,
      help: "the text, or each line, is a body in JSON (default: it is words)",
    },
    {
      name: "key",
      placeholder: "KEY",
      help: `names this very publish, 1 to ${MAX_KEY_CHARACTERS} characters: with the same KEY again, what is stored already is not stored twice, and - stands for an offset that is not known any more; hard to guess, as it also says who writes (default: a new one)`,
    },
    {
      name: "wait",
      placeholder: "SECONDS",
      help: `how long to wait for each answer, 1 to ${MAX_WAIT_S} (default: ${DEFAULT_WAIT_S})`,
    },
    URL_FLAG,
  ],
  async run(given, world) {
    const [name = "", text] = given.positionals;
    checkRoom(name);
    const makeBody = bodyMaker(given);
    const waitS = wholeNumberOf(given, "wait", 1, MAX_WAIT_S) ?? DEFAULT_WAIT_S;
    const client = new ParlorClient(given.url, namedBy(given.value("key")));
    noteOutages(client, given.url, world);
    let stored = 0;
    try {
      const room = client.room(name);
      for await (const line of text === undefined ? inputLines(world.input()) : [{ number: 0, text }]) {
        if (line.number > 0 && line.text === "") continue;
        const body = await orSaid(line, stored, async () => makeBody(line.text));
        const { offset } = await orSaid(line, stored, () => answerWithin(waitS, room.publish(body)));
        stored += 1;
        await world.say(String(offset ?? "-"));
        if (line.number > 0) world.progress(`stored ${stored}`);
      }
    } finally {
      client.close();
    }
  },
};

function bodyMaker(given: GivenArguments): (text: string) => unknown {
  const name = given.value("name");
  if (!given.has("json")) return (text) => (name === undefined ? { text } : { text, name });
  if (name !== undefined)
    throw new CodedError("bad-flag", "--name belongs to words; with --json the body says it itself");
  return (text) => {
    const parsed = parseJson(text);
    if (parsed.ok) return parsed.value;
    throw new CodedError("bad-frame", `it is no JSON that can be stored: ${parsed.fault}`);
  };
}

/**
 * An outbox of that name: its first publish in the room has seq 1 at every run, so the server knows each
 * one again. As they are sent one at a time, one that it went past is one that it stored.
 */
function namedBy(key: string | undefined): ClientOptions {
  if (key === undefined) return {};
  if (key.length > MAX_KEY_CHARACTERS)
    throw new CodedError("bad-flag", `--key takes 1 to ${MAX_KEY_CHARACTERS} characters`);
  const hash = (what: string): string =>
    createHash("sha256").update(`parlor publish ${what}\n${key}`, "utf8").digest("base64url");
  return { key: hash("identity"), producer: hash("producer").slice(0, 32) };
}

/** Says of a fault which line it was, and what became of those before it. */
async function orSaid<T>({ number }: InputLine, stored: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CodedError) || number === 0) throw error;
    const before = stored === 1 ? "the 1 before it is stored" : `the ${stored} before it are stored`;
    const words = error.message.replace(/\.$/, "");
    throw new CodedError(error.code, `line ${number}: ${words}; ${before}, and nothing behind it was sent`);
  }
}

async function answerWithin(seconds: number, answer: Promise<Published>): Promise<Published> {
  let stop = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    const timer = systemClock.after(seconds * 1_000, () => {
      const words = `no answer came within ${seconds} s, so it may be stored or not; repeated with the same --key it is stored once`;
      reject(new CodedError("unavailable", words));
    });
    stop = () => systemClock.cancel(timer);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    stop();
  }
}
