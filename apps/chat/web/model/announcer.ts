import type { Message } from "@parlor/protocol";
import { signal } from "@preact/signals";
import { GUEST } from "./display-name.ts";
import { shownMessage, wordsOf } from "./message-body.ts";

/** How long arrivals are gathered before they are told, in ms: a lively room must not talk without end. */
const GATHER_MS = 1_000;
/** More than this many at once are counted, not read out. */
const MAX_READ_OUT = 3;
const MAX_CHARACTERS = 200;

/** What a screen reader is told of messages that arrive while the page is open. */
export class Announcer {
  readonly words = signal("");
  #gathered: Message[] = [];
  #count = 0;
  #isWaiting = false;

  take(messages: readonly Message[]): void {
    this.#count += messages.length;
    this.#gathered = [...this.#gathered, ...messages].slice(-MAX_READ_OUT);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    setTimeout(() => this.#tell(), GATHER_MS);
  }

  /** Says something at once. Words that are there already are no news to who listens: then they end otherwise. */
  say(words: string): void {
    this.words.value = words === this.words.peek() ? `${words}\u00a0` : words;
  }

  #tell(): void {
    this.#isWaiting = false;
    this.say(announcement(this.#gathered, this.#count));
    this.#gathered = [];
    this.#count = 0;
  }
}

/** One sentence or a few for `count` arrivals, the newest of which are `newest`. */
export function announcement(newest: readonly Message[], count: number): string {
  if (count > newest.length) return `${count} new messages`;
  return newest.map(readOut).join(". ");
}

function readOut(message: Message): string {
  const body = shownMessage(message);
  if (body.kind === "erased") return "A message was erased";
  const name = (body.kind === "text" ? body.name : null) ?? GUEST;
  const words = wordsOf(body);
  const text = words.length > MAX_CHARACTERS ? `${words.slice(0, MAX_CHARACTERS)}…` : words;
  return `${name}: ${text}`;
}
