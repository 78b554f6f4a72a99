import type { Clock } from "@parlor/base";
import type { RoomSignals } from "@parlor/client";
import { isJsonObject } from "@parlor/protocol";
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { displayName, GUEST } from "./display-name.ts";

/** How often one who goes on typing says so, in ms. */
const SAY_EVERY_MS = 3_000;
/** How long one counts as typing after they said so, in ms: one word may get lost. */
const FORGET_AFTER_MS = 2 * SAY_EVERY_MS + 1_000;
/** Where more are there, nobody says it: it would be told to all of them. */
const MAX_PRESENT = 100;
/** People of whom it is remembered; above it newcomers are not. */
const MAX_TYPING = 20;
/** More are not named. */
const MAX_NAMED = 3;

export interface TypingOptions {
  readonly signals: RoomSignals;
  readonly clock: Clock;
  /** Oneself: in another tab one needs not be told that one writes. */
  readonly self?: () => string | null;
}

/**
 * Who is writing in a room: said by signals, `{"typing":true,"name":"Ada"}` and `false` when it is sent or given
 * up. Nothing of it is kept, and in a big room nothing is said.
 */
export class Typing {
  /** In words; empty where nobody is. */
  readonly words: ReadonlySignal<string>;
  readonly #typing = signal<ReadonlyMap<string, { readonly name: string; readonly untilMs: number }>>(
    new Map(),
  );
  readonly #options: TypingOptions;
  readonly #stop: () => void;
  #saidMs = -Infinity;
  #cancel: (() => void) | null = null;

  constructor(options: TypingOptions) {
    this.#options = options;
    this.words = computed(() => typingWords([...this.#typing.value.values()].map(({ name }) => name)));
    this.#stop = options.signals.on("signal", ({ from, body }) => this.#hear(from, body));
  }

  /** Somebody here writes; said now and then. `present` is how many people are in the room; 0 if not known. */
  write(name: string, present: number): void {
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - this.#saidMs < SAY_EVERY_MS || present > MAX_PRESENT) return;
    this.#saidMs = nowMs;
    this.#options.signals.signal({ typing: true, name });
  }

  /** It was sent or given up. */
  rest(): void {
    if (this.#saidMs === -Infinity) return;
    this.#saidMs = -Infinity;
    this.#options.signals.signal({ typing: false });
  }

  /** A message of theirs is there: they are no longer writing it. */
  heard(from: string): void {
    if (this.#typing.peek().has(from)) this.#change((typing) => typing.delete(from));
  }

  close(): void {
    this.#stop();
    this.#cancel?.();
  }

  #hear(from: string, body: unknown): void {
    if (!isJsonObject(body) || typeof body["typing"] !== "boolean") return;
    if (from === this.#options.self?.()) return;
    const known = this.#typing.peek();
    if (!body["typing"]) return this.heard(from);
    if (!known.has(from) && known.size >= MAX_TYPING) return;
    const name = displayName(body["name"]) ?? GUEST;
    const untilMs = this.#options.clock.monotonic() + FORGET_AFTER_MS;
    this.#change((typing) => typing.set(from, { name, untilMs }));
  }

  #change(change: (typing: Map<string, { readonly name: string; readonly untilMs: number }>) => void): void {
    const typing = new Map(this.#typing.peek());
    change(typing);
    this.#typing.value = typing;
    this.#wait();
  }

  /** Until the first of them is to be forgotten. */
  #wait(): void {
    this.#cancel?.();
    this.#cancel = null;
    const first = Math.min(...[...this.#typing.peek().values()].map(({ untilMs }) => untilMs));
    if (first === Infinity) return;
    const { clock } = this.#options;
    const timer = clock.after(first - clock.monotonic(), () => {
      const nowMs = clock.monotonic();
      this.#change((typing) => {
        for (const [from, { untilMs }] of typing) if (untilMs <= nowMs) typing.delete(from);
      });
    });
    this.#cancel = () => clock.cancel(timer);
  }
}

export function typingWords(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return "";
  if (second === undefined) return `${first} is typing…`;
  if (names.length > MAX_NAMED) return "Several people are typing…";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""} are typing…`;
}
