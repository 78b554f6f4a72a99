import type { EncodedBatch } from "../room/encoded-batch.ts";
import type { StartPosition, StartRequest } from "../room/start-position.ts";
import type { SubscriptionSink } from "../room/subscription.ts";
import type { Connection } from "../session/connection.ts";
import { Following } from "../session/following.ts";
import type { Refusal } from "../session/hooks.ts";
import { PublishLane } from "../session/publish-lane.ts";
import type { Services } from "../session/services.ts";
import type { Who } from "../session/session-core.ts";
import { plainError, plainLost, plainProducer } from "./plain-room.ts";

/**
 * One connection of a plain room: subscribed to its room from the start, and each text it sends is one
 * message. The same rooms, gate and hooks as the full protocol; only the words differ.
 */
export class PlainSession implements SubscriptionSink {
  readonly identity: string;
  readonly expiresAt: number | null;
  readonly hasSaidHello = true;
  readonly #connection: Connection;
  readonly #services: Services;
  readonly #following: Following;
  readonly #lane: PublishLane;
  /** Came before the subscription stood: stored sooner, they could lie behind its start, and who said them not see them. */
  #early: string[] | null = [];
  #seq = 0;

  constructor(connection: Connection, services: Services, room: string, who: Who) {
    this.#connection = connection;
    this.#services = services;
    this.identity = who.identity;
    this.expiresAt = who.expiresAt;
    const asker = { identity: who.identity, address: connection.address };
    this.#following = new Following(services, this, asker, room);
    const speaker = {
      identity: who.identity,
      producer: plainProducer(),
      address: connection.address,
      isAuthenticated: who.isAuthenticated,
      remember: false,
    };
    this.#lane = new PublishLane(speaker, services, connection, (_request, outcome) => {
      if (outcome.kind === "refused") this.#refuse(outcome);
    });
  }

  /** Subscribes, if the identity may; a refusal is told, and the page may still try to write. */
  async start(request: StartRequest): Promise<void> {
    this.#connection.pauseReading();
    const refusal = await this.#following.start(request);
    if (refusal !== null) this.#refuse(refusal);
    const early = this.#early ?? [];
    this.#early = null;
    for (const text of early) this.take(text);
    this.#connection.resumeReading();
  }

  take(text: string): void {
    if (this.#early !== null) return void this.#early.push(text);
    this.#seq += 1;
    this.#lane.submit({
      room: this.#following.room,
      seq: this.#seq,
      afterSeq: this.#seq - 1,
      re: undefined,
      body: text,
      bodyJson: JSON.stringify(text),
    });
  }

  /** A frame that is no text. */
  takeBinary(): void {
    this.#refuse({ code: "bad-frame", message: "A plain room takes text frames; this one was binary." });
  }

  recheck(room?: string): void {
    void this.#following.recheck(room).then((refusal) => {
      if (refusal !== null) this.#refuse(refusal);
    });
  }

  expire(): void {
    this.#refuse({ code: "expired", message: "The token's time is over." });
    this.#connection.close("unauthenticated", "the token's time is over");
  }

  drained(): void {
    this.#following.drained();
  }

  closed(): void {
    this.#following.close();
  }

  subscribed(_room: string, start: StartPosition): void {
    if (start.lost === null) return;
    this.#services.counters.lost += 1;
    this.#connection.send(plainLost(start.lost));
  }

  get isWritable(): boolean {
    return this.#connection.isWritable;
  }

  deliver(batch: EncodedBatch): boolean {
    return this.#connection.deliver(batch);
  }

  ended(_room: string, message: string): void {
    this.#following.close();
    this.#refuse({ code: "forbidden", message });
  }

  #refuse(refusal: Refusal): void {
    const { address, trace } = this.#connection;
    this.#services.events.refused(
      refusal.code,
      { address, identity: this.identity, connection: trace?.number },
      "plain",
    );
    this.#connection.send(plainError(refusal.code, refusal.message));
  }
}
