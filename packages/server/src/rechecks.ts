import type { BusListening, SignalBus } from "@parlor/log";

const CHANNEL = "rechecks";

/** Who and what is asked about again; all of what is left out. */
export interface Recheck {
  readonly identity?: string;
  readonly room?: string;
}

/** Somebody who is subscribed to something. */
export interface Rechecked {
  /** Null where nobody has said yet who it is. */
  readonly identity: string | null;
  recheck(room?: string): unknown;
}

/** Has what is subscribed to asked about again, in this process or in all that serve the log. */
export class Rechecks {
  readonly #bus: SignalBus;
  readonly #everybody: () => Iterable<Rechecked>;
  readonly #listening: Promise<BusListening>;

  /** @param everybody  Who is subscribed to something in this process. */
  constructor(bus: SignalBus, everybody: () => Iterable<Rechecked>) {
    this.#bus = bus;
    this.#everybody = everybody;
    this.#listening = bus.listen(CHANNEL, (text) => this.here(JSON.parse(text) as Recheck));
  }

  here({ identity, room }: Recheck): void {
    for (const each of this.#everybody()) {
      if (identity === undefined || each.identity === identity) each.recheck(room);
    }
  }

  /** This process has done so when it returns; the others soon, as far as they can be reached now. */
  everywhere({ identity, room }: Recheck): void {
    this.#bus.send(CHANNEL, JSON.stringify({ identity, room }));
  }

  close(): void {
    void this.#listening.then((listening) => listening.close());
  }
}
