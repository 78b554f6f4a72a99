import type { Attack } from "./attack/attack.ts";

/** One way to flood a server. */
export interface Flood {
  readonly name: string;
  /** What is done, in a few words. */
  readonly about: string;
  /** What the server may hold for it, beyond what it holds anyway, bytes. */
  readonly memoryBytes: number;
  /** Refusals that must be seen where it goes on for `fullSeconds`, by their codes. */
  readonly words: readonly string[];
  /** How long it takes until all of `words` must have been seen, s. @default 8 */
  readonly fullSeconds?: number;
  /** Whether connections that read nothing must have been cut, in that time. */
  readonly cutsUnread?: boolean;
  /** Open files that the server may have, where it shall come to its end. */
  readonly openFiles?: number;
  /** Room to be filled before, with 500 messages of so many characters. */
  readonly fill?: number;
  readonly attack: (attack: Attack) => Promise<void>;
}

/** The room that floods read, where they need one that has something in it. */
export const FULL_ROOM = "full";
export const FULL_MESSAGES = 500;
