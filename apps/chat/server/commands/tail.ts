import { CodedError } from "@parlor/base";
import { ParlorClient, type ClientRoom, type Lost, type Message, type Position } from "@parlor/client";
import { isJsonObject, parseOffset, parsePosition } from "@parlor/protocol";
import { type Command, type GivenArguments, URL_FLAG } from "./command.ts";
import { checkRoom, wholeNumberOf } from "./command-arguments.ts";
import { noteOutages } from "./outages.ts";
import { printable } from "./printable.ts";

const DEFAULT_LAST = 10;
const MAX_LAST = 500;

export const tail: Command = {
  name: "tail",
  usage: "tail ROOM [--last N | --after OFFSET] [--json] [--url URL]",
  summary: "prints a room's messages as they are written, from a running server",
  help: [
    "A line a message, with tabs between: offset, when, from whom, and what. It goes on until it is stopped, through",
    "restarts of the server too, behind the last message that it printed: none is left out and none comes twice.",
    "What can't be had any more is a line that begins with a dash and says so. Control characters are shown as \\u….",
  ],
  argumentCount: [1, 1],
  flags: [
    {
      name: "last",
      placeholder: "N",
      help: `begin with the newest N, 0 to ${MAX_LAST} (default: ${DEFAULT_LAST})`,
    },
    {
      name: "after",
      placeholder: "OFFSET",
      help: "begin behind this offset, or EPOCH:OFFSET; 0 is everything kept",
    },
    {
      name: "json",
      placeholder: null,
      help: 'lines of JSON, as export prints them; {"lost":…} for what is gone',
    },
    URL_FLAG,
  ],
  async run(given, world) {
    const [name = ""] = given.positionals;
    checkRoom(name);
    const last = wholeNumberOf(given, "last", 0, MAX_LAST);
    const after = afterOf(given);
    if (last !== undefined && after !== undefined)
      throw new CodedError("bad-flag", "--last joins and --after goes on; one of them can be given");
    const client = new ParlorClient(given.url);
    noteOutages(client, given.url, world);
    try {
      const room = client.room(name);
      const begin =
        after === undefined ? { last: last ?? DEFAULT_LAST } : { from: await positionOf(room, after) };
      if (after === undefined) noteOlder(room, (words) => world.note(words));
      const isJson = given.has("json");
      // Called when what came before is printed, so that it stands where the messages would have been.
      const onLost = (lost: Lost): void =>
        void world.say(isJson ? JSON.stringify({ lost }) : `— ${lostWords(lost)}`);
      for await (const message of room.messages({ ...begin, onLost })) {
        await world.say(isJson ? printable(JSON.stringify(message)) : line(message));
      }
    } finally {
      client.close();
    }
  },
};

function afterOf(
  given: GivenArguments,
): { readonly epoch: string | null; readonly offset: number } | undefined {
  const text = given.value("after");
  if (text === undefined) return undefined;
  const offset = parseOffset(text);
  if (offset !== null) return { epoch: null, offset };
  const position = parsePosition(text);
  if (position !== null) return position;
  throw new CodedError(
    "bad-flag",
    `--after takes an offset, or EPOCH:OFFSET, not ${JSON.stringify(text.slice(0, 200))}`,
  );
}

/** An offset alone belongs to whatever history there is now. */
async function positionOf(
  room: ClientRoom,
  { epoch, offset }: { readonly epoch: string | null; readonly offset: number },
): Promise<Position> {
  return { epoch: epoch ?? (await room.history({ limit: 1 })).epoch, offset };
}

function noteOlder(room: ClientRoom, note: (words: string) => void): void {
  const stop = room.on("subscribed", ({ after, earliest }) => {
    stop();
    if (after >= earliest)
      note(`Messages ${earliest} to ${after} are older and not shown; --after 0 shows them.`);
  });
}

function lostWords(lost: Lost): string {
  if ("epoch" in lost)
    return "The room's history is another one than before; what follows is what is kept of it.";
  return `The messages ${lost.from} to ${lost.to} are not kept any more.`;
}

function line({ offset, from, at, re, body, redacted }: Message): string {
  const about = re === undefined ? "" : `(about ${re}) `;
  const text = redacted === true ? "(erased)" : about + textOf(body);
  return [offset, new Date(at).toISOString(), printable(from), printable(text)].join("\t");
}

/** As a plain room shows it. */
function textOf(body: unknown): string {
  if (typeof body === "string") return body;
  if (!isJsonObject(body) || typeof body["text"] !== "string") return JSON.stringify(body);
  const { text, name } = body;
  return typeof name === "string" && name !== "" ? `${name}: ${text}` : text;
}
