/**
 * What stands in the side room of all acts of a server, one record a message, in the one order that every process
 * folds. A record is a wish until the fold has judged it: what its author might not do is void everywhere alike.
 */
import { createHash } from "node:crypto";
import { sideRoom } from "@parlor/log";
import { isJsonObject } from "@parlor/protocol";
import type { Act, Reason, Right } from "./shapes.ts";

/** Where the records are. No client can name it, and retention leaves it whole. */
export const ACTS_ROOM = sideRoom("moderation", "acts");

/** The room of acts that hold in every room; the name of nobody's. */
export const EVERYWHERE = "@*";

interface Common {
  readonly room: string;
  /** Names this one for ever; of a link, what the link is called. */
  readonly key: string;
  /** An identity, or `@operator`. */
  readonly by: string;
}

/** What a host says of somebody whom its accounts make a moderator, of who acts and of whom the act is about. */
export interface Roles {
  readonly by: Right | null;
  readonly other: Right | null;
}

export type ActRecord =
  /** The first one counts: what links are signed with, base64url. */
  | { readonly kind: "secret"; readonly secret: string }
  | (Common & { readonly kind: "act"; readonly act: Act; readonly id: string; readonly roles?: Roles })
  /** Who made a room becomes its owner; the server has looked whether they made it. */
  | (Common & { readonly kind: "claim" })
  | (Common & { readonly kind: "accept"; readonly link: string })
  | (Common & {
      readonly kind: "report";
      readonly offset: number;
      readonly reason: Reason;
      readonly words: string;
      /** Who wrote the message. */
      readonly from: string;
    })
  | (Common & { readonly kind: "hold"; readonly body: unknown; readonly re: number | null })
  /** Where somebody who is banned with their address comes from, as keyed hashes. */
  | {
      readonly kind: "marks";
      readonly room: string;
      readonly identity: string;
      readonly marks: readonly string[];
    }
  /** What follows from an act (what the room is told, what is erased) has been done. */
  | { readonly kind: "done"; readonly room: string; readonly key: string }
  /** Somebody's reports, and what waits of theirs, are to be forgotten, in all rooms: they are erased behind this. */
  | { readonly kind: "forget"; readonly identity: string }
  /** The room was deleted, and with it who may do what there. */
  | { readonly kind: "gone"; readonly room: string };

export type ActRecordOf<Kind extends ActRecord["kind"]> = ActRecord & { readonly kind: Kind };

/** The name of a record: the same intent of the same identity in the same room has the same one. */
export function recordKey(room: string, by: string, id: string): string {
  return createHash("sha256")
    .update(JSON.stringify([room, by, id]))
    .digest("base64url")
    .slice(0, 22);
}

/** Null for a record of another version, which says nothing here. Nobody but this server writes there. */
export function readRecord(body: unknown): ActRecord | null {
  return isJsonObject(body) && KINDS.has(body["kind"]) ? (body as unknown as ActRecord) : null;
}

const KINDS: ReadonlySet<unknown> = new Set<ActRecord["kind"]>([
  "secret",
  "act",
  "claim",
  "accept",
  "report",
  "hold",
  "marks",
  "done",
  "gone",
  "forget",
]);
