import { Loaded } from "../model/loaded.ts";

/** How long what is sent waits for the names of emoji, ms: on a slow line they come behind much else. */
const WAIT_MS = 5_000;

/** All emoji with their names; loaded when somebody first looks for one. */
export const emojiTable = new Loaded(() => import("../model/emoji.ts"));

/** Whether the text may name an emoji, and nobody knows yet. */
export function awaitsEmoji(text: string): boolean {
  return emojiTable.loaded === null && /:[a-z0-9_+-]+:/.test(text);
}

/** The names are there, or were waited for long enough. */
export async function emojiNames(): Promise<void> {
  const long = new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  await Promise.race([emojiTable.get(), long]);
}
