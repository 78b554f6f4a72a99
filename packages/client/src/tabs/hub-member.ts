import type { TransportClose, TransportKind } from "../transports/transport.ts";
import type { Reader } from "./reading.ts";
import { TABS_VERSION } from "./version.ts";
import { type HubPort, type HubWord } from "./words.ts";

/** Characters on their way to a tab, above which its rooms wait: they read on from the history when it takes again. */
const PAUSE_AT = 262_144;
/** Above so many what else is meant for it ends its connection; it comes back behind its cursors. */
const MAX_CHARACTERS = 4_194_304;
/** Signs of life without an answer, after which a tab is frozen or gone. */
const MAX_UNANSWERED = 4;

export interface Hello {
  readonly key?: string;
  readonly producer: string;
  readonly token?: string;
  readonly profile?: Readonly<Record<string, unknown>>;
}

/**
 * One connection of one tab's client, at the hub.
 *
 * Owns:     what is on its way to the tab, and whether the tab takes it.
 * Leaves:   what is said to it (hub.ts).
 */
export class HubMember {
  readonly port: HubPort;
  readonly connection: number;
  /** Nobody saw the page when it came. */
  readonly isHidden: boolean;
  readonly hello: Hello;
  /** What came before the welcome, `subscribe`s first. */
  readonly early: string[];
  isWelcomed = false;
  readonly #gone = new AbortController();
  readonly #readings = new Map<string, AbortController>();
  #underWay = 0;
  #unanswered = 0;
  #wake: PromiseWithResolvers<void> | null = null;

  constructor(
    port: HubPort,
    of: { readonly connection: number; readonly isHidden: boolean },
    hello: Hello,
    early: readonly string[],
  ) {
    this.port = port;
    this.connection = of.connection;
    this.isHidden = of.isHidden;
    this.hello = hello;
    this.early = [...early];
  }

  get isGone(): boolean {
    return this.#gone.signal.aborted;
  }

  say(text: string, transport: TransportKind): void {
    if (this.isGone) return;
    this.#underWay += text.length;
    this.post({ kind: "text", text, transport });
  }

  /** More is on its way than is good for what may be dropped. */
  get isBehind(): boolean {
    return this.#underWay > PAUSE_AT;
  }

  /** Nothing more can be taken for it. */
  get isLost(): boolean {
    return this.#underWay > MAX_CHARACTERS || this.#unanswered > MAX_UNANSWERED;
  }

  post(word: HubWord): void {
    this.port.post({ version: TABS_VERSION, connection: this.connection, ...word });
  }

  live(): void {
    this.#unanswered += 1;
    this.post({ kind: "life" });
  }

  taken(characters: number): void {
    this.#unanswered = 0;
    this.#underWay = Math.max(0, this.#underWay - characters);
    if (this.isBehind) return;
    this.#wake?.resolve();
    this.#wake = null;
  }

  /** A reader of that room, in place of an earlier one. */
  reader(room: string, transport: () => TransportKind): Reader {
    this.stopReading(room);
    const stop = new AbortController();
    this.#readings.set(room, stop);
    return {
      isGone: stop.signal,
      say: async (text) => {
        if (stop.signal.aborted) return;
        this.say(text, transport());
        if (!this.isBehind) return;
        await (this.#wake ??= Promise.withResolvers()).promise;
      },
    };
  }

  stopReading(room: string): void {
    this.#readings.get(room)?.abort();
    this.#readings.delete(room);
  }

  /** Ends it; with a word, unless the tab said so itself. */
  end(close?: TransportClose): void {
    if (this.isGone) return;
    if (close !== undefined) this.post({ kind: "close", close });
    this.#gone.abort();
    for (const stop of this.#readings.values()) stop.abort();
    this.#readings.clear();
    this.#wake?.resolve();
  }
}
