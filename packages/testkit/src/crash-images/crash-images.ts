import { createHash } from "node:crypto";
import type { Random } from "@parlor/base";
import { randomInteger } from "../seeded-random.ts";
import { CrashDisk, type CrashImage, type Fate } from "./crash-disk.ts";
import type { DiskEvent } from "./disk-events.ts";

export interface CrashPoint {
  /** After so many events. */
  readonly after: number;
  readonly fate: Fate;
  readonly image: CrashImage;
  /** What the process had told the world by then. */
  readonly told: string;
}

const CHANCES = [0.1, 0.5, 0.9];

/**
 * What a power cut could leave, at every event of a run: nothing of what was on its way, all of it, a
 * prefix, and any sectors of it. Images that are the same as the one before, with as much told, come once.
 *
 * @param keepShare  The share of images that are given, chosen by `random`; 1 for all.
 */
export function* crashImages(
  events: readonly DiskEvent[],
  random: Random,
  keepShare = 1,
): Generator<CrashPoint> {
  const disk = new CrashDisk();
  const seen = new Set<string>();
  let told = "";
  for (const [index, event] of events.entries()) {
    disk.take(event);
    if (event.kind === "told") told += event.text;
    for (const fate of fates(disk.pendingCount, random)) {
      if (random() >= keepShare) continue;
      const image = disk.image(fate, random);
      const name = `${told.length} ${digest(image)}`;
      if (seen.has(name)) continue;
      seen.add(name);
      yield { after: index + 1, fate, image, told };
    }
  }
}

function fates(pendingCount: number, random: Random): Fate[] {
  if (pendingCount === 0) return ["none"];
  return [
    "none",
    "all",
    { prefix: randomInteger(random, 0, pendingCount) },
    ...CHANCES.map((chance) => ({ chance })),
  ];
}

function digest(image: CrashImage): string {
  const hash = createHash("sha256");
  for (const [file, bytes] of image) hash.update(`${file} ${bytes.length}\n`).update(bytes);
  return hash.digest("base64");
}
