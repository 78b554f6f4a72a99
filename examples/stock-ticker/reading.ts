import { type MakersClock, StateFigures } from "@parlor/client/figures";
import type { Price } from "./price.ts";

/** What one reader of the prices was told, and was not; `clock` is shared by those that are compared. */
export function readingOf(clock: MakersClock): StateFigures<Price> {
  return new StateFigures({ madeOf: ([, atMs, changes]) => ({ atMs, changes }), clock });
}
