/** Its state is the prices, by symbol. */
export const PRICES_ROOM = "ticker/prices";

/**
 * What is known of a symbol: its price in cents, when that was made (server's clock, ms since 1970), and how many
 * changes it has had, so that a reader can count those that it was not told of.
 */
export type Price = readonly [cents: number, atMs: number, changes: number];
