import type { Room } from "../room/room.ts";
import type { StartRequest } from "../room/start-position.ts";
import type { Subscription, SubscriptionSink } from "../room/subscription.ts";
import { askAuthorize } from "./ask-hooks.ts";
import type { Refusal } from "./hooks.ts";
import type { Asker } from "./may-read.ts";
import { reservedRefusal } from "./reserved-room.ts";
import { refusalOf } from "./refusal-of.ts";
import type { Services } from "./services.ts";

/**
 * A connection that is one subscription and nothing else: a plain room, an event stream. Asks the right,
 * opens the room, and gives all back when it ends.
 */
export class Following {
  readonly room: string;
  readonly #services: Services;
  readonly #sink: SubscriptionSink;
  readonly #asker: Asker;
  #subscription: Subscription | null = null;
  #isClosed = false;

  constructor(services: Services, sink: SubscriptionSink, asker: Asker, room: string) {
    this.#services = services;
    this.#sink = sink;
    this.#asker = asker;
    this.room = room;
  }

  /** Begins; fulfils with null, or with why not. */
  async start(request: StartRequest): Promise<Refusal | null> {
    const refusal = await mayFollow(this.#services, this.#asker, this.room);
    if (refusal !== null) return refusal;
    let room: Room | null = null;
    try {
      room = await this.#services.rooms.acquire(this.room);
      const isWanted = (): boolean => !this.#isClosed;
      await room.subscribe(request, this.#sink, isWanted, (subscription) => {
        this.#subscription = subscription;
      });
      return null;
    } catch (error) {
      return refusalOf(error, this.#services);
    } finally {
      if (room !== null && this.#subscription === null) this.#services.rooms.release(room);
    }
  }

  /** Asks again whether it may be read; a right that was withdrawn ends it. */
  async recheck(room: string | undefined): Promise<Refusal | null> {
    if (room !== undefined && room !== this.room) return null;
    const refusal = await mayFollow(this.#services, this.#asker, this.room);
    if (refusal !== null) this.close();
    return refusal;
  }

  drained(): void {
    this.#subscription?.drained();
  }

  close(): void {
    this.#isClosed = true;
    const subscription = this.#subscription;
    if (subscription === null) return;
    this.#subscription = null;
    subscription.close();
    this.#services.rooms.release(subscription.room);
  }
}

/** Null where that identity may follow that room, or why not. */
export async function mayFollow(
  services: Services,
  { identity, address }: Asker,
  room: string,
): Promise<Refusal | null> {
  const reserved = reservedRefusal(room, identity);
  if (reserved !== null) return reserved;
  const question = { identity, action: "subscribe", room, address } as const;
  const verdict = await askAuthorize(services.authorize, question, services);
  return verdict === true ? null : verdict;
}
