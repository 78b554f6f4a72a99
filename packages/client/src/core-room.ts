import type { RoomTypes } from "@parlor/contract";
import { isEpoch, isOffset, MAX_PAGE_MESSAGES, type Position } from "@parlor/protocol";
import { check } from "./check.ts";
import type { ClientShell } from "./client-shell.ts";
import type { Failure, RoomNotice } from "./effects.ts";
import { Emitter } from "./emitter.ts";
import type { RoomEvents } from "./room-events.ts";
import { unsubscribe } from "./unsubscribe.ts";

export interface SubscribeOptions {
  /** Join with the newest so many messages; 0 to 500. @default 0 */
  readonly last?: number | undefined;
  /** Go on behind this position, for one who kept it. Not together with `last`. */
  readonly from?: Position | undefined;
  /** After a long absence begin no further back than the newest so many. @default no limit */
  readonly atMost?: number | undefined;
}

/** One room, as a client that listens sees it. Made by `CoreClient.room`. */
export class CoreRoom<Types extends RoomTypes = RoomTypes> {
  readonly name: string;
  /** For the compiler alone: what `roomState` and `roomSignals` know of the room's contract. */
  declare readonly types?: Types;
  /** @internal */
  readonly shell: ClientShell;
  /** @internal */
  readonly emitter = new Emitter<RoomEvents>();

  /** @internal */
  constructor(name: string, shell: ClientShell) {
    this.name = name;
    this.shell = shell;
  }

  /** The last message delivered; null before the first `subscribed`. */
  get cursor(): Position | null {
    return this.shell.core.cursor(this.name).position;
  }

  /** The offset of the room's newest message as far as told; null before the first `subscribed`. */
  get head(): number | null {
    return this.shell.core.cursor(this.name).head;
  }

  /** Calls `listener` at every event of that name; returns how to stop. */
  on<Name extends keyof RoomEvents & string>(
    name: Name,
    listener: (...args: RoomEvents<Types["message"]>[Name]) => void,
  ): () => void {
    return this.emitter.on(name, listener as (...args: RoomEvents[Name]) => void);
  }

  /**
   * Wants the room's messages, from now on and through every reconnect, until `unsubscribe`. While it is
   * wanted a second call changes nothing. With neither `last` nor `from` it goes on behind `cursor`,
   * where there is one from before.
   *
   * @throws {CodedError} `bad-option` where an option can't be taken.
   */
  subscribe(options: SubscribeOptions = {}): void {
    checkSubscribe(options);
    const { last, from, atMost } = options;
    const { core } = this.shell;
    this.shell.step(() => {
      const { state, isReleased } = core.connection;
      if (isReleased && state.kind === "closed")
        core.turn.tell(this.name, { name: "unsubscribed", value: state });
      else core.subscribe(this.name, { last, from, atMost });
    });
  }

  /** Wants the room no more. `cursor` stays. */
  unsubscribe(): void {
    this.shell.step(() => unsubscribe(this.shell.core, this.name));
  }

  /** @internal What the core says of this room. */
  tell(notice: RoomNotice): void {
    switch (notice.name) {
      case "messages":
        return this.emitter.emit("messages", notice.messages, { live: notice.live });
      case "outbox":
        return this.emitter.emit("outbox");
      default:
        return this.emitter.emit(notice.name, notice.value as never);
    }
  }

  /** @internal The client is closed. */
  end(_failure: Failure): void {}
}

/** @throws {CodedError} `bad-option` */
export function checkSubscribe({ last, from, atMost }: SubscribeOptions): void {
  const isFrom = from === undefined || (last === undefined && isEpoch(from.epoch) && isOffset(from.offset));
  check(isFrom, "bad-option", "`from` is a position, and takes the place of `last`.");
  check(isCount(last, 0), "bad-option", `\`last\` is a whole number from 0 to ${MAX_PAGE_MESSAGES}.`);
  check(isCount(atMost, 0, Infinity), "bad-option", "`atMost` is a whole number from 0.");
}

/** Left out, or a whole number in the range. */
export function isCount(value: number | undefined, min: number, max = MAX_PAGE_MESSAGES): boolean {
  return value === undefined || (isOffset(value) && value >= min && value <= max);
}
