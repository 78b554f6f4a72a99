import type { RoomTypes } from "@parlor/contract";
import { MAX_STATE_KEY_CHARS, type StateFrame } from "@parlor/protocol";
import { askFor, noteAsks } from "./asks.ts";
import { check } from "./check.ts";
import type { StateSet } from "./effects.ts";
import { Emitter } from "./emitter.ts";
import { checkBody } from "./publish-body.ts";
import type { CoreRoom } from "./core-room.ts";
import { StateSets } from "./state-sets.ts";

/** The events of a room's state, with what their listeners are given. */
export interface StateEvents<Value = unknown> extends Record<string, readonly unknown[]> {
  /** What is not as it was at the last call; undefined for a key that was removed. */
  readonly change: readonly [changes: ReadonlyMap<string, Value | undefined>];
}

/**
 * A room's state as this client has it: the newest value of each key. It follows the server while the room is
 * subscribed to, through every reconnect, and keeps what it had meanwhile.
 */
export interface RoomState<Types extends RoomTypes = RoomTypes> {
  /** The values by key, kept up to date: the same map always, never to be written to. */
  readonly values: ReadonlyMap<string, Types["state"]>;
  /** Whether a whole state has come. */
  readonly isKnown: boolean;
  /** Calls `listener` after changes; returns how to stop. A slow listener sees fewer and larger ones. */
  on<Name extends keyof StateEvents & string>(
    name: Name,
    listener: (...args: StateEvents<Types["state"]>[Name]) => void,
  ): () => void;
  /**
   * Sets a key, or removes it with null; fulfils when the server has it durably. It waits through reconnects;
   * of several for one key that wait the newest is sent, and all fulfil with it. Needs no subscription.
   *
   * @param key 1 to 128 characters.
   * @param value Any JSON value, at most `maxBodyBytes`.
   * @throws {CodedError} `bad-frame`, `too-large`, `forbidden`; `rate-limited` and other temporary ones with
   *   `retryAfterMs`; `unavailable` where 1,000 wait; `closed`.
   */
  set(key: string, value: Types["set"] | null): Promise<StateSet>;
}

const states = new WeakMap<CoreRoom, State>();

/** The state of a room; the same object at every call. From then on the room's subscriptions ask for it. */
export function roomState<Types extends RoomTypes>(typed: CoreRoom<Types>): RoomState<Types> {
  // The types are the compiler's alone.
  const room = typed as unknown as CoreRoom;
  let state = states.get(room);
  if (state === undefined) {
    state = new State(room);
    states.set(room, state);
  }
  return state;
}

class State implements RoomState {
  readonly values = new Map<string, unknown>();
  isKnown = false;
  readonly #room: CoreRoom;
  readonly #sets: StateSets;
  readonly #emitter = new Emitter<StateEvents>();
  /** A whole state that is coming in parts. */
  #coming: Map<string, unknown> | null = null;
  #changes = new Map<string, unknown>();

  constructor(room: CoreRoom) {
    const { name, shell } = room;
    const { core } = shell;
    this.#room = room;
    const sets = core.extras.find((extra) => extra instanceof StateSets);
    this.#sets = sets ?? new StateSets(core);
    if (sets === undefined) core.extras.push(this.#sets);
    this.#sets.views.set(name, (frame) => this.#take(frame));
    shell.step(() => this.#ask());
  }

  on<Name extends keyof StateEvents & string>(
    name: Name,
    listener: (...args: StateEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  async set(key: string, value: unknown): Promise<StateSet> {
    const isKey =
      typeof key === "string" && key !== "" && key.length <= MAX_STATE_KEY_CHARS && key.isWellFormed();
    check(isKey, "bad-frame", `A key is a string of 1 to ${MAX_STATE_KEY_CHARS} characters.`);
    const { name, shell } = this.#room;
    const { json } = checkBody(value, shell.core.limits);
    return await shell.ask<StateSet>((ticket) =>
      this.#sets.add({ room: name, key, json, tickets: [ticket] }),
    );
  }

  #ask(): void {
    const { core } = this.#room.shell;
    askFor(core.cursor(this.#room.name), { state: true }, core.connection.isLinked);
  }

  #take({ version, full, more, entries }: StateFrame): void {
    noteAsks(this.#room.shell.core.cursor(this.#room.name), { state: version });
    if (full === true) this.#coming = new Map();
    const into = this.#coming;
    for (const [key, value] of Object.entries(entries)) {
      if (into === null) this.#put(key, value);
      else if (value === null) into.delete(key);
      else into.set(key, value);
    }
    if (into === null || more === true) return;
    this.#coming = null;
    this.isKnown = true;
    for (const key of this.values.keys()) if (!into.has(key)) this.#put(key, null);
    for (const [key, value] of into) this.#put(key, value);
  }

  #put(key: string, value: unknown): void {
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
    if (this.#changes.size === 0) queueMicrotask(() => this.#tell());
    this.#changes.set(key, value ?? undefined);
  }

  #tell(): void {
    const changes = this.#changes;
    this.#changes = new Map();
    this.#emitter.emit("change", changes);
  }
}
