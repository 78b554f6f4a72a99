import type { Limits, ServerFrame, WelcomeFrame } from "@parlor/protocol";
import type { Connection } from "./connection.ts";
import type { Cursor } from "./cursor.ts";
import type { Failure } from "./effects.ts";
import type { Turn } from "./turn.ts";

/** The parts of the core, as `client-core.ts` puts them together. */
export interface CoreParts {
  readonly connection: Connection;
  /** Of the rooms that something was asked of. */
  readonly cursors: ReadonlyMap<string, Cursor>;
  readonly turn: Turn;
  /** What the page uses besides: publishing (publishing.ts), state (room-state.ts), requests (requests.ts). */
  readonly extras: CoreExtra[];
  /** The newest; null before the first. */
  welcome: WelcomeFrame | null;
  /** Who the server took this client to be at the last welcome. */
  identity: string | null;
  /** Whose publishes go out; said by the next hello. */
  producer: string;
  /** As the last welcome told them; what it left out is as the protocol says. */
  limits: Partial<Limits>;
  /** That of a room; made at the first call, and wanted by nobody then. */
  cursor(room: string): Cursor;
}

/** A part that the core can do without. */
export interface CoreExtra {
  /** Each frame of the server comes here first; true where it was for this part alone. */
  take(frame: ServerFrame): boolean;
  /** Whether something is under way that a change of the connection would lose. @default false */
  readonly isBusy?: boolean;
  /** At the end of each step: sends what may go out by now. */
  pump(): void;
  /** The connection is gone, or another has taken its place: what was under way on it is not answered any more. */
  unlink?(): void;
  /** The client is closed. */
  end?(failure: Failure): void;
  /** A timer ran out that no cursor has. @returns whether it was one of this part */
  timer?(name: string): boolean;
}
