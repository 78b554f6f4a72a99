import { loadUpward } from "./upward-part.ts";

/**
 * Loads now what publishing, keeping what is published and reading history need. A client does so by itself: at the first publish or question,
 * and else a second behind the first messages that it hears. Call it where a page may be offline by then.
 *
 * Rejects where the part can't be loaded; the next call tries again.
 */
export async function preload(): Promise<void> {
  await Promise.all([loadUpward(), "document" in globalThis && import("./kept-outbox/start.ts")]);
}
