import { FirstTry } from "./first-try.ts";
import type { Link, LinkConnection, LinkListener } from "./link.ts";
import type { Means, RacingLink } from "./means.ts";
import type { TransportKind } from "./transport.ts";

/**
 * A WebSocket while all is well, and several transports that race (racing-transport.ts) once it is not.
 *
 * Most pages never need the others, so these, and what chooses among them, are loaded when the WebSocket
 * is late or fails, or where it was not what won the last time; loaded beside it, they would keep the page
 * busy just when the WebSocket's first answers come. A WebSocket that was begun goes on and is one of the
 * runners. Where the rest can't be loaded, the WebSocket remains.
 */
export class ChosenTransport implements Link {
  readonly #means: Means;
  readonly #load: () => Promise<RacingLink>;
  readonly #isQuick: boolean;
  /** The first connection, which alone may poll ahead. */
  #first: FirstTry | null = null;
  #racing: RacingLink | null = null;
  /** How the WebSocket let this client down after its welcome. */
  #trouble: "silence" | "break" | null = null;

  /** @param isQuick The first connection may poll ahead of the choice. */
  constructor(means: Means, load: () => Promise<RacingLink>, isQuick: boolean) {
    this.#means = means;
    this.#load = load;
    this.#isQuick = isQuick;
  }

  get kind(): TransportKind {
    return this.#first?.isBrief === true ? "poll" : (this.#racing?.kind ?? "websocket");
  }

  open(listener: LinkListener): LinkConnection {
    if (this.#racing !== null) return this.#racing.open(listener);
    const attempt = new FirstTry(listener, this.#means, {
      isSocketFirst: this.#means.kinds[0] === "websocket" && this.#trouble === null,
      isQuick: this.#isQuick && this.#first === null,
      load: () => this.#loadRacing(),
      onTrouble: (cause) => (this.#trouble = cause),
    });
    this.#first ??= attempt;
    return attempt;
  }

  async #loadRacing(): Promise<RacingLink> {
    const racing = await this.#load();
    // Two may have loaded at a time; there is one race.
    this.#racing ??= racing;
    if (this.#trouble === "silence") this.#racing.distrust("websocket");
    this.#trouble = null;
    return this.#racing;
  }
}
