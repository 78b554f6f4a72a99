import type { Limits, ServerFrame } from "@parlor/protocol";
import type { Connection } from "./connection.ts";
import type { Cursor } from "./cursor.ts";
import type { HistoryRequests } from "./history-requests.ts";
import type { Outbox } from "./outbox.ts";
import type { Sender } from "./sender.ts";
import type { Turn } from "./turn.ts";

/** The parts of the core, as `client-core.ts` puts them together. */
export interface CoreParts {
  readonly connection: Connection;
  /** null while nobody asked for a page. */
  readonly history: HistoryRequests | null;
  readonly rooms: ReadonlyMap<string, RoomCore>;
  readonly turn: Turn;
  /** State (room-state.ts) and requests (requests.ts), where the page uses them. */
  readonly extras: CoreExtra[];
  /** Who the server took this client to be at the last welcome. */
  identity: string | null;
  /** The defaults, until a welcome tells the server's. */
  limits: Limits;
}

/** A part that not every page loads. */
export interface CoreExtra {
  /** Each frame of the server comes here first; true where it was for this part alone. */
  take(frame: ServerFrame): boolean;
  /** Whether something is under way that a change of the connection would lose. @default false */
  readonly isBusy?: boolean;
  /** At the end of each step: sends what may go out by now. */
  pump(): void;
}

export interface RoomCore {
  readonly cursor: Cursor;
  readonly outbox: Outbox;
  /** null while nothing was published. */
  sender: Sender | null;
  /** The newest epoch that the server told of this room; empty before. */
  epoch: string;
}
