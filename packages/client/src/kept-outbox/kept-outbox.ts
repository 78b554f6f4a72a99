import type { ClientShell } from "../client-shell.ts";
import type { CoreExtra } from "../core-parts.ts";
import type { RefusedPublish } from "../effects.ts";
import type { OutboxItem } from "../outbox-item.ts";
import type { Outbox } from "../outbox.ts";
import { anotherOutbox, itemOf } from "./earlier-outbox.ts";
import type { KeptPublish } from "./outbox-store.ts";
import type { KeepsPublishes, OutboxStorage } from "./outbox-storage.ts";
import type { Publishing } from "../publishing.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { StorageFault } from "./storage-fault.ts";
import { Takeover, type Legacy } from "./takeover.ts";

/** What was written longer ago is not sent any more, but shown as refused. */
const MAX_AGE_MS = 30 * 86_400_000;

/** Refused publishes of one room that lie on disk; the oldest go first, as from the room's list. */
const MAX_REFUSED = 100;

/** The client, to which a room belongs only once it was asked for. */
export interface HasRooms {
  room(name: string): unknown;
}

export interface KeptOutboxHost {
  readonly client: HasRooms;
  /** The client is closed for good. */
  readonly onRelease: () => void;
  /** Who is here is known by the identity alone, not by the key or by a name that the application gives. */
  readonly isStrict: boolean;
}

/**
 * Keeps what a client publishes on disk, from before it is sent until it is answered for good.
 *
 *     published ─▶ held ─ record on disk ─▶ sent ─ ack ─▶ record removed
 *                                             └─ refused ─▶ kept so, until somebody dismisses it
 *
 * The record says as whom it will be sent and behind which position the message can only lie, before it is sent: so
 * what is not on disk was not sent, and what is there can be sent again, or be found in the room.
 *
 * Owns:     which publishes have a record, and what it says.
 * Leaves:   writing (record-writer.ts), sending (sender.ts), what others left (takeover.ts).
 */
export class KeptOutbox implements CoreExtra, KeepsPublishes {
  storage: OutboxStorage;
  readonly #shell: ClientShell;
  readonly #publishing: Publishing;
  readonly #writer: RecordWriter | null;
  readonly #takeover: Takeover;
  readonly #host: KeptOutboxHost;
  readonly #records = new Map<OutboxItem, KeptPublish>();
  /** What is in this page alone, and why. */
  readonly #unkept = new Map<OutboxItem, StorageFault>();
  /** Refused publishes on disk, by room and id. */
  readonly #refused = new Map<string, KeptPublish>();
  /** undefined: nothing was looked at yet. */
  #identity: string | null | undefined = undefined;
  #earlierCount = 0;
  #isReleased = false;

  /** @param writer null: nothing can be kept, for the reason that `storage` gives. */
  constructor(
    shell: ClientShell,
    publishing: Publishing,
    writer: RecordWriter | null,
    storage: OutboxStorage,
    host: KeptOutboxHost,
  ) {
    this.#shell = shell;
    this.#publishing = publishing;
    this.#writer = writer;
    this.storage = storage;
    this.#host = host;
    this.#takeover = new Takeover(shell, publishing, {
      isStrict: host.isStrict,
      nextId: () => this.#nextId(),
      onItem: (item, record) => this.#records.set(item, record),
      onDone: ({ producer }, isOurs) => {
        if (!isOurs) this.#leave(producer);
      },
    });
  }

  take(): boolean {
    return false;
  }

  /** Takes over what a producer left behind that is gone, with the claim on it. */
  adopt({ producer, records }: Legacy, release: () => void): void {
    const writer = this.#writer;
    if (writer === null || this.#shell.core.connection.isReleased) return release();
    writer.adopt(producer, records, release);
    // What a room is told before there is one is told to nobody.
    for (const { room } of records) this.#host.client.room(room);
    const nowMs = this.#shell.options.clock.now();
    const left: KeptPublish[] = [];
    for (const record of records) {
      const isOver = record.refusal !== null || nowMs - record.writtenAt > MAX_AGE_MS;
      if (isOver) this.#showRefused(record.refusal === null ? outOfTime(record) : record);
      else left.push(record);
    }
    if (left.length > 0) this.#takeover.add({ producer, records: left });
  }

  pump(): void {
    const { core } = this.#shell;
    const { effects } = core.turn;
    const isTouched = effects.some(({ kind }) => kind === "room");
    if (this.#writer !== null && (isTouched || core.identity !== this.#identity)) {
      this.#identity = core.identity;
      const present = new Set<OutboxItem>();
      for (const outbox of this.#outboxes())
        for (const item of outbox.items) {
          present.add(item);
          this.#keep(outbox, item);
        }
      const refused = new Map<string, RefusedPublish>();
      for (const effect of effects) {
        if (effect.kind === "room" && effect.notice.name === "refused")
          refused.set(nameOf(effect.room, effect.notice.value.id), effect.notice.value);
      }
      for (const [item, record] of this.#records) if (!present.has(item)) this.#letGo(item, record, refused);
    }
    this.#takeover.pump();
    if (!core.connection.isReleased || this.#isReleased) return;
    this.#isReleased = true;
    this.#writer?.close();
    this.#host.onRelease();
  }

  dismiss(room: string, id: number): void {
    const record = this.#refused.get(nameOf(room, id));
    if (record === undefined) return;
    this.#refused.delete(nameOf(room, id));
    this.#writer?.remove(record);
  }

  #nextId(): number {
    this.#earlierCount += 1;
    return -this.#earlierCount;
  }

  #outboxes(): readonly Outbox[] {
    return [...[...this.#publishing.rooms.values()].map(({ outbox }) => outbox), ...this.#takeover.parked];
  }

  #keep({ room, producer }: Outbox, item: OutboxItem): void {
    const { core, options } = this.#shell;
    const before = this.#records.get(item);
    const sentAs = core.identity ?? "";
    if (before !== undefined && (before.sentAs === sentAs || sentAs === "")) return;
    const { seq, re, body, isUncertain } = item;
    // What may have been stored for the identity before is looked for under that one first.
    if (isUncertain && item.sentAs !== sentAs) return;
    item.sentBehind ??= core.cursors.get(room)?.position ?? null;
    const record: KeptPublish = {
      producer,
      room,
      seq,
      json: body.json,
      bytes: body.bytes,
      re,
      writtenAt: before?.writtenAt ?? options.clock.now(),
      sentAs,
      sentBehind: item.sentBehind,
      refusal: null,
    };
    this.#records.set(item, record);
    item.isHeld = true;
    this.#writer?.put(record, (fault) => {
      // Meanwhile it may have been written anew, for another identity.
      if (this.#records.get(item) !== record) return;
      item.isHeld = false;
      if (fault === null) this.#unkept.delete(item);
      else this.#unkept.set(item, fault);
      this.#tellStorage(room);
    });
  }

  #letGo(item: OutboxItem, record: KeptPublish, refused: ReadonlyMap<string, RefusedPublish>): void {
    this.#records.delete(item);
    this.#unkept.delete(item);
    this.#tellStorage(record.room);
    const refusal = refused.get(nameOf(record.room, item.earlier?.id ?? item.seq));
    if (refusal === undefined) return this.#writer?.remove(record);
    const { code, message, id } = refusal;
    // The application closed the client itself, and was told; what another page left goes back to whoever is next.
    if (code === "closed") {
      if (item.earlier === undefined) this.#writer?.remove(record);
      return;
    }
    // Those behind it jump over its seq, and a server that took one of them answers it as a duplicate ever after. So
    // they wait until it is on disk that it was refused.
    const behind = this.#outboxes()
      .filter(({ room, producer }) => room === record.room && producer === record.producer)
      .flatMap(({ items }) => items.filter(({ isHeld }) => isHeld !== true));
    for (const each of behind) each.isHeld = true;
    this.#keepRefused({ ...record, refusal: { code, message } }, id, () => {
      for (const each of behind) each.isHeld = false;
    });
  }

  #keepRefused(record: KeptPublish, id: number, done = (): void => undefined): void {
    this.#writer?.put(record, done);
    this.#refused.set(nameOf(record.room, id), record);
    const ofRoom = [...this.#refused].filter(([, { room }]) => room === record.room);
    for (const [name, oldest] of ofRoom.slice(0, -MAX_REFUSED)) {
      this.#refused.delete(name);
      this.#writer?.remove(oldest);
    }
  }

  #showRefused(record: KeptPublish): void {
    const id = this.#nextId();
    this.#keepRefused(record, id);
    const nobody = { resolve: () => undefined, reject: () => undefined };
    const act = (): void => {
      const item = itemOf(record, id, nobody);
      const { code = "", message = "" } = record.refusal ?? {};
      const outbox = anotherOutbox(this.#publishing, record.room, record.producer);
      outbox.items.push(item);
      outbox.refuse(item, { code, message });
    };
    this.#shell.step(act);
  }

  #leave(producer: string): void {
    for (const [item, record] of this.#records) if (record.producer === producer) this.#records.delete(item);
    this.#writer?.leave(producer);
  }

  #tellStorage(room: string): void {
    const [fault] = this.#unkept.values();
    const storage: OutboxStorage =
      fault === undefined ? { kind: "disk" } : { kind: "memory", code: fault.code, reason: fault.message };
    const before = this.storage;
    this.storage = storage;
    if (before.kind === storage.kind && reasonOf(before) === reasonOf(storage)) return;
    const { turn } = this.#shell.core;
    const act = (): void => turn.tell(room, { name: "outbox" });
    // It may have come to light within a step.
    queueMicrotask(() => this.#shell.step(act));
  }
}

function outOfTime(record: KeptPublish): KeptPublish {
  const fate = record.sentAs === "" ? "It was not sent." : "It may have been sent.";
  const message = `It waited on this device for more than 30 days. ${fate}`;
  return { ...record, refusal: { code: "too-old", message } };
}

function nameOf(room: string, id: number): string {
  return `${id}/${room}`;
}

function reasonOf(storage: OutboxStorage): string {
  return storage.kind === "disk" ? "" : storage.reason;
}
