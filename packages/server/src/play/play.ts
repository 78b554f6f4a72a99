import { type Clock, startTicks, systemClock } from "@parlor/base";
import type { Parlor } from "../parlor.ts";
import { type Seat, Seats, type SeatsOptions } from "./seats.ts";

export interface PlayOptions<Input> extends SeatsOptions {
  /** Where players say their inputs, as signals. Nobody subscribes to it, so that they go to the server alone. */
  readonly inputRoom: string;
  /** How long one tick is, ms. @default 50 */
  readonly tickMs?: number | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** What a signal says, which any stranger may have said; null where it is no input, and then nobody hears it. */
  readonly readInput: (body: unknown) => Input | null;
  /** How many seats are taken at least, by bots where people are fewer, as the newest input has it. @default 0 */
  readonly fill?: ((newest: Input) => number) | undefined;
  /**
   * The first somebody plays: make a world. Ticks begin when it has fulfilled; until then `keep` keeps a slot for somebody
   * who had it in the world before, for when it speaks, and says whether it does.
   */
  readonly begin: (keep: (id: string, slot: number) => boolean) => void | Promise<void>;
  /**
   * One tick: move the world on by `tickMs` and tell it. Ticks are time: one for which the process was held up is left
   * out, and its number with it. Without seats it is the world's last.
   */
  readonly turn: (seats: readonly Seat<Input>[], tick: number) => void;
}

/**
 * A world that this process owns: it begins with the first input, ticks while somebody plays, and rests when all are
 * silent. Exactly one process may own it; the players may be connected to any other.
 *
 *     const play = await startPlay(parlor, {
 *       inputRoom: "arena/input",
 *       readInput: (body) => (typeof body === "number" ? body : null),
 *       begin: () => { world = newWorld(); },
 *       turn: (seats, tick) => parlor.room("arena").signal([tick, step(world, seats)]),
 *     });
 *
 * What `begin` and `turn` throw is nobody's to catch, as with any timer's callback. The page's side is
 * `@parlor/client/play`. Rules: docs/guarantees.md, PLAY-.
 *
 * @throws {CodedError} `bad-room` where `inputRoom` can't be a room's name.
 */
export async function startPlay<Input>(
  parlor: Parlor,
  options: PlayOptions<Input>,
): Promise<{ close(): void }> {
  const { inputRoom, tickMs = 50, clock = systemClock, readInput, fill = () => 0, begin, turn } = options;
  let seats = new Seats<Input>(options);
  let filled = 0;
  let isPlaying = false;
  let isOpen = true;
  let stop = (): void => {};

  const play = async (): Promise<void> => {
    await begin((id, slot) => seats.keep(id, slot));
    if (!isOpen) return;
    stop = startTicks(clock, tickMs, (tick) => {
      const here = seats.turn(clock.monotonic(), filled);
      if (here.length === 0) rest();
      turn(here, tick);
    });
  };
  const rest = (): void => {
    stop();
    seats = new Seats(options);
    isPlaying = false;
  };
  const heard = await parlor.room(inputRoom).onSignal(({ from, body }) => {
    const input = readInput(body);
    if (input === null || !seats.hear(from, input, clock.monotonic())) return;
    filled = fill(input);
    if (isPlaying) return;
    isPlaying = true;
    void play();
  });
  return {
    close: () => {
      isOpen = false;
      heard.close();
      stop();
    },
  };
}
