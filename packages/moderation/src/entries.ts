import { FOREVER } from "./forever.ts";
import type { Pending } from "./room-policy.ts";
import type { Act, ActEntry } from "./shapes.ts";
import { timeWords } from "./time-words.ts";

/** What a room is told of an act, and the message that it is about. Null where it is told nothing. */
export interface Told {
  readonly body: ActEntry;
  readonly re: number | undefined;
}

export function toldOf({ record, link, until }: Pending): Told | null {
  const { act, by, id } = record;
  const told = wordsOf(act, until);
  if (told === null) return null;
  const { text, re, ...fields } = told;
  return { body: { text, name: "Moderation", act: { by, link, id, ...fields } }, re };
}

type Words = { readonly text: string; readonly re?: number } & Omit<ActEntry["act"], "by" | "link" | "id">;

/** Nobody's name or address is in the sentence: pages say the name that they know for `identity`. */
function wordsOf(act: Act, until: number | null): Words | null {
  const end = until === null || until >= FOREVER ? null : until;
  switch (act.kind) {
    case "pin":
      return { kind: "pin", re: act.offset, text: "A moderator pinned a message." };
    case "unpin":
      return { kind: "unpin", re: act.offset, text: "A moderator unpinned a message." };
    case "remove":
      return { kind: "remove", re: act.offset, text: "A moderator removed a message." };
    case "decide":
      // What was dismissed stays between who reported it and who looked at it.
      return act.verdict === "remove"
        ? { kind: "remove", re: act.offset, text: "A moderator removed a message that was reported." }
        : null;
    case "mode":
      return { kind: "mode", mode: act.mode, text: MODE_WORDS[act.mode] };
    case "lock":
      return {
        kind: "lock",
        on: act.on,
        text: act.on ? "The room is locked: only moderators write." : "The room is unlocked.",
      };
    case "screen":
      return {
        kind: "screen",
        on: act.on,
        text: act.on
          ? "Messages with links from newcomers wait for a moderator now."
          : "Messages with links from newcomers do not wait any more.",
      };
    case "slow":
      return {
        kind: "slow",
        ms: act.ms,
        text:
          act.ms === 0
            ? "The room is not slowed down any more."
            : `The room is slowed down: one message every ${act.ms / 1_000} s.`,
      };
    case "mute":
      return {
        kind: "mute",
        identity: act.identity,
        until: end,
        text: `A moderator muted somebody${untilWords(end)}.`,
      };
    case "ban":
      return {
        kind: "ban",
        identity: act.identity,
        until: end,
        text: `A moderator banned somebody${untilWords(end)}.`,
      };
    case "unmute":
      return { kind: "unmute", identity: act.identity, text: "A moderator lets somebody write again." };
    case "unban":
      return { kind: "unban", identity: act.identity, text: "A moderator lifted a ban." };
    case "clear":
      return { kind: "clear", identity: act.identity, text: "A moderator erased the messages of somebody." };
    default:
      return null;
  }
}

const MODE_WORDS = {
  open: "The room is open: everybody reads and writes.",
  "read-only": "The room is read-only: everybody reads, and who has a link writes.",
  "link-only": "The room is open to those only who have a link.",
} as const;

function untilWords(until: number | null): string {
  return until === null ? "" : ` until ${timeWords(until)}`;
}
