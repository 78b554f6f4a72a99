import type { LinkConnection, LinkListener } from "../transports/link.ts";
import type { TransportClose, TransportKind } from "../transports/transport.ts";
import { TABS_VERSION } from "./version.ts";
import { type HubWord, type TabMessage, type TabWord } from "./words.ts";

/** A way to a hub, wherever that is. */
export interface Road {
  /** What can't be posted is lost. */
  post(message: TabMessage): void;
}

export interface TabConnectionHost {
  /** The hub can't serve this client. */
  onDeclined(): void;
  /** The hub has it. */
  onHere(): void;
}

/** Characters taken, at which the hub is told. */
const TELL_AT = 32_768;

/** One connection of a tab's client, whose far end is the hub. */
export class TabConnection implements LinkConnection {
  readonly number: number;
  transport: TransportKind = "websocket";
  readonly #road: Road;
  readonly #from: { readonly base: string; readonly isHidden: boolean };
  readonly #listener: LinkListener;
  readonly #host: TabConnectionHost;
  #state: "asked" | "here" | "over" = "asked";
  #hasOpened = false;
  #taken = 0;

  constructor(
    number: number,
    road: Road,
    from: { readonly base: string; readonly isHidden: boolean },
    listener: LinkListener,
    host: TabConnectionHost,
  ) {
    this.number = number;
    this.#road = road;
    this.#from = from;
    this.#listener = listener;
    this.#host = host;
  }

  get isOver(): boolean {
    return this.#state === "over";
  }

  get isHere(): boolean {
    return this.#state === "here";
  }

  /** Asks whoever is the hub; again where another is by now, and nobody has answered. */
  ask(): void {
    if (this.#state === "asked")
      this.#post({ kind: "open", ...this.#from, opening: this.#listener.opening() });
  }

  send(text: string): void {
    if (this.#state === "here") this.#post({ kind: "send", text });
  }

  close(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#post({ kind: "close" });
  }

  /** It is over, and its client is told. */
  fail(close: TransportClose): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#listener.onClose(close);
  }

  hear(word: HubWord): void {
    if (this.#state === "over") return;
    switch (word.kind) {
      case "here":
        this.#state = "here";
        return this.#host.onHere();
      case "text":
        this.transport = word.transport;
        this.#take(word.text);
        return;
      case "life":
        this.#tell();
        return this.#listener.onLife();
      case "declined":
        this.#state = "over";
        return this.#host.onDeclined();
      case "close":
        return this.fail(word.close);
    }
  }

  #take(text: string): void {
    this.#taken += text.length;
    if (this.#taken >= TELL_AT) this.#tell();
    // The opening is the hub's from the first answer on; what it subscribes to is in it.
    if (!this.#hasOpened) {
      this.#hasOpened = true;
      this.#listener.onOpen();
    }
    if (!this.isOver) this.#listener.onText(text);
  }

  #tell(): void {
    this.#post({ kind: "taken", characters: this.#taken });
    this.#taken = 0;
  }

  #post(word: TabWord): void {
    this.#road.post({ version: TABS_VERSION, connection: this.number, ...word });
  }
}
