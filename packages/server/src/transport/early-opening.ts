import { MAX_OPENING_CHARACTERS, MAX_OPENING_FRAMES, OPENING_PREFIX } from "@parlor/protocol";

/**
 * The frames that a request for a WebSocket brings along, one text each; null where it brings none, or more than
 * is taken so: then they come as frames.
 */
export function openingOf(offered: Iterable<string>): readonly string[] | null {
  for (const name of offered) {
    if (!name.startsWith(OPENING_PREFIX)) continue;
    const frames = name.slice(OPENING_PREFIX.length);
    if (frames.length > MAX_OPENING_CHARACTERS || !/^[\w-]+$/.test(frames)) return null;
    const texts = Buffer.from(frames, "base64url").toString("utf8").split("\n");
    return texts.length <= MAX_OPENING_FRAMES ? texts : null;
  }
  return null;
}
