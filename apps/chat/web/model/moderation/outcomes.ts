import type { ClientRoom, ParlorClient } from "@parlor/client";
import { isJsonObject, type Message } from "@parlor/protocol";
import { signal } from "@preact/signals";
import { SERVER } from "../acts.ts";
import type { KeptTexts } from "../kept-texts.ts";

/** What moderators made of a message that this person reported. */
export interface Outcome {
  readonly room: string;
  readonly verdict: "dismiss" | "remove";
  /** Of the decision: the same wherever, and after whatever became of the inbox. */
  readonly id: string;
}

const KEY = "parlor.reported";
/** Outcomes told of after an absence: the newest. */
const MAX_TOLD = 20;
/** Put away, of which it is known: more than could be told again. */
const MAX_PUT_AWAY = 100;

/** Hears, in the person's inbox, what became of what they reported. Who never reported anything listens to nothing. */
export class Outcomes {
  /** Those that were not put away, the newest last. */
  readonly shown = signal<readonly Outcome[]>([]);
  readonly #client: ParlorClient;
  readonly #texts: KeptTexts;
  #isFollowing = false;

  constructor(client: ParlorClient, texts: KeptTexts) {
    this.#client = client;
    this.#texts = texts;
    if (texts.read(KEY) !== null) this.follow();
  }

  /** From the first report on, and through visits. */
  follow(): void {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    if (this.#texts.read(KEY) === null) this.#texts.keep(KEY, "[]");
    void this.#client.inbox().then(
      (inbox) => this.#listen(inbox),
      () => {
        // Intentionally without a word: the connection is over, which the page says; the next visit hears it.
        this.#isFollowing = false;
      },
    );
  }

  /** Read: not told again, here or at the next visit. */
  putAway(): void {
    const ids = new Set([...this.#putAway(), ...this.shown.peek().map(({ id }) => id)]);
    this.#texts.keep(KEY, JSON.stringify([...ids].slice(-MAX_PUT_AWAY)));
    this.shown.value = [];
  }

  #listen(inbox: ClientRoom): void {
    inbox.on("messages", (messages) => {
      const known = new Set([...this.#putAway(), ...this.shown.peek().map(({ id }) => id)]);
      const told = messages.map(outcomeOf).filter((outcome) => outcome !== null && !known.has(outcome.id));
      if (told.length > 0) this.shown.value = [...this.shown.peek(), ...(told as Outcome[])].slice(-MAX_TOLD);
    });
    inbox.subscribe({ last: MAX_TOLD });
  }

  #putAway(): readonly string[] {
    try {
      const kept: unknown = JSON.parse(this.#texts.read(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
    } catch {
      // Intentionally not told: somebody else wrote there, and what was put away is told once more.
      return [];
    }
  }
}

const ofClients = new WeakMap<ParlorClient, Outcomes>();

/** Those of a page: one, whatever rooms are open in it. */
export function outcomesOf(client: ParlorClient, texts: KeptTexts): Outcomes {
  const outcomes = ofClients.get(client) ?? new Outcomes(client, texts);
  ofClients.set(client, outcomes);
  return outcomes;
}

function outcomeOf({ from, body }: Message): Outcome | null {
  if (from !== SERVER || !isJsonObject(body)) return null;
  const { moderation } = body;
  if (!isJsonObject(moderation)) return null;
  const { room, verdict, id } = moderation;
  if (typeof room !== "string" || typeof id !== "string" || (verdict !== "dismiss" && verdict !== "remove"))
    return null;
  return { room, verdict, id };
}
