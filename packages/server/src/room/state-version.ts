import { createHash } from "node:crypto";

/**
 * Versions as they travel: one number, in which the history has its part, so that what a client saw of another
 * one (a restored backup, a room made again, a process that forgot) is not taken for a place in this one.
 *
 *     17 bits of the epoch's hash, from 1 │ 36 bits of offset in the side room
 *
 * 2^36 offsets are 159 days at 5,000 changes a second without a pause, and no number is above 2^53.
 */
const OFFSETS = 2 ** 36;
const EPOCHS = 2 ** 17 - 1;

let newest = { epoch: "", number: 0 };

export function epochNumber(epoch: string): number {
  // Asked for with every change, and nearly always of the same history.
  if (newest.epoch === epoch) return newest.number;
  const number = 1 + (createHash("sha256").update(epoch).digest().readUInt32BE(0) % EPOCHS);
  newest = { epoch, number };
  return number;
}

export function versionOf(epoch: number, offset: number): number {
  return epoch * OFFSETS + offset;
}

/** null where the version is of another history. */
export function offsetOf(epoch: number, version: number): number | null {
  return Math.floor(version / OFFSETS) === epoch ? version % OFFSETS : null;
}
