import { type CodedError, roomPresence, roomSignals, roomState } from "@parlor/client";
import type { ClientRoom, RoomPresence, RoomSignals, RoomState } from "@parlor/client";
import type { World } from "../world/world.ts";

export interface RoomBesideOptions {
  readonly room: ClientRoom;
  /** The page, unique in the run. */
  readonly page: string;
  readonly world: World;
}

/** In every signal, and nowhere else: it must not be found on the disk. */
export const SIGNAL_MARK = "never-stored";
const SHARED_KEY = "topic";
const BURST = 4;

/** What a page has of a room beside its messages: state, who is there, signals. It judges what it is told at once. */
export class RoomBeside {
  /** Changes of state without an answer. */
  unanswered = 0;
  readonly #options: RoomBesideOptions;
  readonly #state: RoomState;
  readonly #presence: RoomPresence;
  readonly #signals: RoomSignals;
  /** The newest signal heard of each page. */
  readonly #heard = new Map<string, number>();
  #said = 0;
  #sets = 0;

  constructor(options: RoomBesideOptions) {
    this.#options = options;
    const { room, world } = options;
    const { tally } = world;
    this.#state = roomState(room);
    this.#state.on("change", (changes) => {
      for (const value of changes.values())
        tally.add(value === undefined ? "removal of a key told" : "value told");
    });
    this.#presence = roomPresence(room);
    this.#presence.on("join", () => tally.add("somebody came"));
    this.#presence.on("leave", () => tally.add("somebody left"));
    this.#signals = roomSignals(room);
    this.#signals.on("signal", ({ body }) => this.#hear(body as SimulatedSignal));
  }

  /** Sets a key of its own or one that all set, or removes it. */
  set(): void {
    const { room, page, world } = this.#options;
    const key = world.random() < 0.7 ? page : SHARED_KEY;
    const value = world.random() < 0.2 ? null : `${page}/${++this.#sets}`;
    const asked = world.stateTruth.asked(room.name, key, JSON.stringify(value));
    this.unanswered += 1;
    this.#state
      .set(key, value)
      .then(
        () => {
          world.stateTruth.acked(asked);
          world.tally.add("state set");
        },
        (error: unknown) => world.tally.add(`set ${(error as CodedError).code}`),
      )
      .finally(() => {
        this.unanswered -= 1;
      });
  }

  /** Several at once, as a pointer that moves. */
  signal(): void {
    const { page, world } = this.#options;
    for (let i = 0; i < BURST; i++) {
      const body: SimulatedSignal = { mark: SIGNAL_MARK, page, n: ++this.#said };
      if (this.#signals.signal(body)) world.tally.add("signals said");
    }
  }

  /** What its state and its members are not, though all is calm. */
  faultsBeside(state: ReadonlyMap<string, string>, there: ReadonlyMap<string, unknown>): string[] {
    const { room, page } = this.#options;
    const shown = (entries: Iterable<readonly [string, unknown]>): string =>
      JSON.stringify([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
    const has = shown([...this.#state.values].map(([key, value]) => [key, JSON.stringify(value)]));
    const sees = shown(this.#presence.members);
    const faults: string[] = [];
    if (has !== shown(state))
      faults.push(`state: ${page} has ${has} of ${room.name}, and it is ${shown(state)}`);
    if (sees !== shown(there))
      faults.push(`presence: ${page} sees ${sees} in ${room.name}, and there are ${shown(there)}`);
    return faults;
  }

  #hear({ page: from, n }: SimulatedSignal): void {
    const { room, page, world } = this.#options;
    world.tally.add("signals heard");
    const newest = this.#heard.get(from) ?? 0;
    if (from === page) world.violations.push(`echo: ${page} hears itself in ${room.name}`);
    if (n <= newest)
      world.violations.push(`signals: ${page} hears ${n} of ${from} behind ${newest} in ${room.name}`);
    this.#heard.set(from, n);
  }
}

interface SimulatedSignal {
  readonly mark: typeof SIGNAL_MARK;
  readonly page: string;
  readonly n: number;
}

/** Whether one page alone sets it. */
export function isOwnKey(key: string): boolean {
  return key !== SHARED_KEY;
}
