import type { ReadBounds, RoomHead, RoomSummary, TextPage, TextQuestion } from "../room-log.ts";
import type { MessageColumns } from "./page-columns.ts";
import type { StorageFault } from "./storage-fault.ts";

export type ReadQuestion =
  | { readonly kind: "read"; readonly room: string; readonly after: number; readonly bounds: ReadBounds }
  | {
      readonly kind: "read-before";
      readonly room: string;
      readonly before: number;
      readonly bounds: ReadBounds;
    }
  | { readonly kind: "text"; readonly question: TextQuestion }
  | {
      readonly kind: "related";
      readonly room: string;
      readonly offsets: readonly number[];
      readonly perMessage: number;
      readonly bounds: ReadBounds;
    }
  | { readonly kind: "head"; readonly room: string; readonly newest: number }
  | { readonly kind: "rooms"; readonly afterName: string; readonly limit: number };

/** A page before its messages are unpacked. */
export interface PackedPage {
  readonly epoch: string;
  readonly head: number;
  readonly earliest: number;
  readonly messages: MessageColumns;
  readonly more: boolean;
}

export type ReadAnswer =
  | { readonly kind: "page"; readonly page: PackedPage }
  | { readonly kind: "text"; readonly page: TextPage }
  | { readonly kind: "messages"; readonly messages: MessageColumns }
  | { readonly kind: "head"; readonly head: RoomHead }
  | { readonly kind: "rooms"; readonly rooms: readonly RoomSummary[] };

export type ReaderRequest =
  | { readonly kind: "open"; readonly file: string }
  | { readonly kind: "ask"; readonly id: number; readonly question: ReadQuestion }
  | { readonly kind: "close" };

export type ReaderMessage =
  | { readonly kind: "opened" }
  | { readonly kind: "not-opened"; readonly fault: StorageFault }
  | { readonly kind: "done"; readonly id: number; readonly value: ReadAnswer }
  | { readonly kind: "not-done"; readonly id: number; readonly fault: StorageFault };
