import type { Random } from "@parlor/base";
import { randomInteger, until, wait } from "@parlor/testkit";
import type { Tally } from "./tally.ts";

/** A room of its own, since what is said without a seq fits no history that is checked by seqs. */
export const PORCH = "porch";

/** One whom nothing reaches for so long connects anew: a page can't see the pings of a plain room. */
const SILENCE_MS = 12_000;
const PAUSE_MS = { min: 50, max: 500 };
const TALK_MS = { min: 200, max: 900 };
/** Texts that a violation names. */
const MAX_NAMED = 3;

export interface PorchOptions {
  /** Of the networks that people are behind, one each. */
  readonly ports: readonly number[];
  readonly random: Random;
  readonly tally: Tally;
}

/**
 * People in a plain room, as a page of any first tutorial would have them: `new WebSocket("ws://host/rooms/porch")`,
 * a text is a message, and whoever was cut off comes back and is shown the newest 50. Nothing protects what they
 * send, so it is stored once or not at all; what they hear on one connection is the room, without a hole.
 */
export class Porch {
  readonly #people: readonly Person[];
  readonly #talks: Promise<void>[] = [];

  constructor({ ports, random, tally }: PorchOptions) {
    this.#people = ports.map((port, i) => new Person(`neighbour ${i}`, port, random, tally));
  }

  talk(): void {
    for (const person of this.#people) this.#talks.push(person.talk());
  }

  async hush(): Promise<void> {
    for (const person of this.#people) person.isQuiet = true;
    await Promise.all(this.#talks);
  }

  /**
   * What was found wrong, once everybody has come to the end of the room, or patience is over.
   * @param read  All texts of the room's log, in its order.
   */
  async judge(read: () => Promise<readonly string[]>, patienceMs: number): Promise<readonly string[]> {
    let texts: readonly string[] = [];
    const isAtEnd = await until(async () => {
      texts = await read();
      return this.#people.every(({ last }) => last === texts.at(-1));
    }, patienceMs);
    const said = new Set(this.#people.flatMap((person) => person.said));
    const places = new Map(texts.map((text, at) => [text, at]));
    return [
      ...(isAtEnd ? [] : ["behind: somebody in a plain room did not come to its end"]),
      ...(places.size === texts.length ? [] : ["duplicate: a text of a plain room is stored twice"]),
      ...texts
        .filter((text) => !said.has(text))
        .map((text) => `invented: nobody said ${text} in a plain room`),
      ...this.#people.flatMap(({ runs }) => runs.flatMap((run) => holesIn(run, places))),
    ];
  }

  close(): void {
    for (const person of this.#people) person.close();
  }
}

/** What is wrong with what one connection heard: it is the room from some place on, each text once and in order. */
export function holesIn(run: readonly string[], places: ReadonlyMap<string, number>): string[] {
  const found: string[] = [];
  for (const [i, text] of run.entries()) {
    const [at, before] = [places.get(text), places.get(run[i - 1] ?? "")];
    if (at === undefined) found.push(`lost-write: a plain room told ${text}, which is not in the log`);
    else if (i > 0 && before !== undefined && at !== before + 1)
      found.push(
        `skip: a plain room told ${text} behind ${run[i - 1]}, which is ${at - before} places before it`,
      );
  }
  return found.slice(0, MAX_NAMED);
}

class Person {
  readonly said: string[] = [];
  /** What each connection heard, and each stretch of one that is behind something lost. */
  readonly runs: string[][] = [];
  isQuiet = false;
  readonly #name: string;
  readonly #url: string;
  readonly #random: Random;
  readonly #tally: Tally;
  #socket: WebSocket | null = null;
  #isOver = false;

  constructor(name: string, port: number, random: Random, tally: Tally) {
    this.#name = name;
    this.#url = `ws://127.0.0.1:${port}/rooms/${PORCH}`;
    this.#random = random;
    this.#tally = tally;
    void this.#stay();
  }

  /** The newest text that it heard. */
  get last(): string | undefined {
    return this.runs.at(-1)?.at(-1);
  }

  async talk(): Promise<void> {
    while (!this.isQuiet) {
      if (this.#socket?.readyState === WebSocket.OPEN) {
        const text = `${this.#name} says ${this.said.length}`;
        this.said.push(text);
        this.#socket.send(text);
      }
      await wait(randomInteger(this.#random, TALK_MS.min, TALK_MS.max));
    }
  }

  close(): void {
    this.#isOver = true;
    this.#socket?.close();
  }

  async #stay(): Promise<void> {
    while (!this.#isOver) {
      await this.#connect();
      await wait(randomInteger(this.#random, PAUSE_MS.min, PAUSE_MS.max));
    }
  }

  /** Fulfils when the connection is over, or silent for so long that it may as well be. */
  async #connect(): Promise<void> {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    const over = Promise.withResolvers<void>();
    const silence = setTimeout(over.resolve, SILENCE_MS);
    socket.addEventListener("close", () => over.resolve());
    socket.addEventListener("error", () => over.resolve());
    if (this.runs.length > 0)
      socket.addEventListener("open", () => this.#tally.add("plain rooms entered again"));
    this.runs.push([]);
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket !== socket) return;
      silence.refresh();
      const { messages, lost } = JSON.parse(String(data)) as { messages: string[]; lost?: unknown };
      if (lost !== undefined) this.runs.push([]);
      this.runs.at(-1)?.push(...messages);
      this.#tally.add("plain deliveries", messages.length);
    });
    await over.promise;
    clearTimeout(silence);
    this.#socket = null;
    socket.close();
  }
}
