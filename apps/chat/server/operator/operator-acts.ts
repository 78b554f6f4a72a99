import type { RoomLog, StoredMessage } from "@parlor/log";
import { bodyFromJson, isJsonObject } from "@parlor/protocol";
import { type Parlor, talkativeLogger } from "@parlor/server";

/**
 * Where it stands what operators did, in order and for good. Its name is that of an identity's own room, so no client
 * writes it; and nobody can be called that, since identities here are hashes, so none reads it.
 */
export const ACTS_ROOM = "@operator";

/** What an operator did. Whoever reads the log finds all of it; a job's act comes before the job, `done` behind it. */
export type OperatorAct =
  | { readonly kind: "erase"; readonly identity: string }
  | {
      readonly kind: "erase-done";
      readonly identity: string;
      readonly messages: number;
      readonly rooms: number;
    }
  | { readonly kind: "delete-room"; readonly room: string; readonly epoch: string }
  | { readonly kind: "delete-room-done"; readonly room: string }
  | { readonly kind: "export"; readonly room: string }
  | { readonly kind: "export-identity"; readonly identity: string }
  | { readonly kind: "end-connection"; readonly identity: string }
  | { readonly kind: "drain" }
  | { readonly kind: "moderate"; readonly room: string; readonly act: unknown };

/** An act as it is stored. A job and its end have the same id. */
export interface StoredAct {
  readonly offset: number;
  readonly at: number;
  readonly id: string;
  /** Whence it was asked; empty where the server went on by itself. */
  readonly address: string;
  readonly act: OperatorAct;
}

/** Stores an act, and says so in a line on standard error that names no room. Fulfils once it is durable. */
export async function noteAct(parlor: Parlor, id: string, address: string, act: OperatorAct): Promise<void> {
  await parlor.room(ACTS_ROOM).publish({ id, address, act }, { idempotencyKey: producerOf(id, act) });
  talkativeLogger.info("An operator acted.", {
    event: "operator",
    at: new Date().toISOString(),
    act: act.kind,
    id,
    ...(address === "" ? {} : { address }),
    ...("identity" in act ? { identity: act.identity } : {}),
  });
}

function producerOf(id: string, { kind }: OperatorAct): string {
  return kind.endsWith("-done") ? `${id}_done` : id;
}

/** Newest first. */
export async function newestActs(log: RoomLog, limit: number): Promise<StoredAct[]> {
  const page = await log.readBefore(ACTS_ROOM, Infinity, { maxMessages: limit, maxBytes: 1_048_576 });
  return page.messages.flatMap(actOf).reverse();
}

/** Each once, oldest first. */
export async function* allActs(log: RoomLog): AsyncGenerator<StoredAct> {
  for (let after = 0, more = true; more; ) {
    const page = await log.read(ACTS_ROOM, after, { maxMessages: 500, maxBytes: 1_048_576 });
    for (const message of page.messages) yield* actOf(message);
    ({ more } = page);
    after = page.messages.at(-1)?.offset ?? page.head;
  }
}

function actOf({ offset, at, bodyJson }: StoredMessage): StoredAct[] {
  return actIn({ offset, at, body: bodyJson === null ? null : bodyFromJson(bodyJson) });
}

/** None where it is something else, of a later version perhaps. */
export function actIn(message: {
  readonly offset: number;
  readonly at: number;
  readonly body: unknown;
}): StoredAct[] {
  const { offset, at, body } = message;
  if (!isJsonObject(body)) return [];
  const { id, address, act } = body;
  if (typeof id !== "string" || typeof address !== "string" || !isJsonObject(act)) return [];
  return [{ offset, at, id, address, act: act as unknown as OperatorAct }];
}
