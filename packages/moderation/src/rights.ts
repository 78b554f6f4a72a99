import type { Right } from "./shapes.ts";

/** From the least to the most; each holds what stands before it. */
export const RIGHTS: readonly Right[] = ["reader", "poster", "moderator", "owner"];

/** Who acts with the operator's key. No peer can be called that. */
export const OPERATOR = "@operator";

/** 0 for nobody, 1 to 4 for the rights, 5 for the operator. */
export type Rank = number;

export const MODERATOR_RANK = 3;
export const OWNER_RANK = 4;
export const OPERATOR_RANK = 5;

export function rankOf(right: Right | null): Rank {
  return right === null ? 0 : RIGHTS.indexOf(right) + 1;
}

export function rightOfRank(rank: Rank): Right | null {
  return RIGHTS[Math.min(rank, OWNER_RANK) - 1] ?? null;
}

export function isRight(value: unknown): value is Right {
  return (RIGHTS as readonly unknown[]).includes(value);
}

const ALLOWS: Readonly<Record<Right, string>> = {
  reader: "Read this room, also when it is open to links only.",
  poster: "Write in this room, also when others can only read it, and hand out links to readers.",
  moderator:
    "Pin, remove and hold messages, lock and slow the room, mute and ban people, decide on reports, and hand out links to readers and posters.",
  owner: "Choose who may read and write, hand out links to moderators, and take links back.",
};

/** What a link lets its holder do, in sentences, the most first. */
export function allowsOf(right: Right): string[] {
  const rank = rankOf(right);
  return RIGHTS.slice(0, rank)
    .reverse()
    .map((each) => ALLOWS[each]);
}
