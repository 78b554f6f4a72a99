import { readFileSync } from "node:fs";
import type { PeerName } from "./peer.ts";

/**
 * Node's options for a peer's process. Parlor runs with those of `npm start`, the others as whoever
 * installs them runs them: an option that saves memory may cost speed, and each shall have its best.
 */
export function nodeOptionsOf(peer: PeerName): readonly string[] {
  return peer === "parlor" ? startOptions() : [];
}

function startOptions(): readonly string[] {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { scripts } = JSON.parse(text) as { readonly scripts: { readonly start: string } };
  const options = /\bexec node ((?:--\S+ )*)apps\//.exec(scripts.start)?.[1];
  if (options === undefined)
    throw new Error("The script `start` of package.json is not as it was known here.");
  return options.split(" ").filter((option) => option !== "");
}
