/** For ever, as a time: the latest that a `Date` can be, ms since 1970. */
export const FOREVER = 8_640_000_000_000_000;
