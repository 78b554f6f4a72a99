import type { ReaderPosition, ReaderStep, RoomPosition, TakeOutcome } from "@parlor/server/projections";
import type { SearchAnswer, SearchQuestion } from "./search-query.ts";
import type { RoomUnread, UnreadQuestion } from "./unread-query.ts";

/** What the thread of a search is asked, and what it answers. */
export type SearchRequest =
  | { readonly kind: "open"; readonly path: string; readonly now: number; readonly isIndexer: boolean }
  | { readonly kind: "position"; readonly room: string }
  | { readonly kind: "positions"; readonly afterName: string; readonly limit: number }
  | { readonly kind: "take"; readonly step: ReaderStep }
  | { readonly kind: "is-rebuild-wanted" }
  | { readonly kind: "rebuild"; readonly now: number }
  | { readonly kind: "search"; readonly question: SearchQuestion }
  | { readonly kind: "unread"; readonly question: UnreadQuestion }
  | { readonly kind: "close" };

export interface SearchAnswers {
  readonly open: number;
  readonly position: ReaderPosition | null;
  readonly positions: readonly RoomPosition[];
  readonly take: TakeOutcome;
  readonly "is-rebuild-wanted": boolean;
  readonly rebuild: null;
  readonly search: SearchAnswer;
  readonly unread: readonly RoomUnread[];
  readonly close: null;
}

export interface SearchCall {
  readonly id: number;
  readonly request: SearchRequest;
}

export type SearchReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: string };
