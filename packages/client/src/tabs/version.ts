/**
 * The version of what tabs and their hub say to one another. It is in the names of workers, channels and locks, and in
 * each message: pages of two releases, side by side in one browser, have a hub each and understand no other.
 */
export const TABS_VERSION = 1;
