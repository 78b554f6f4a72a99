import { MAX_ROOM_NAME_BYTES } from "./limits.ts";

const encoder = new TextEncoder();

// C0, DEL and C1. Lone surrogates are not UTF-8 at all; `isWellFormed` finds them.
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Says what is wrong with a room's name, or null where nothing is. A name is never changed: one that
 * is not in NFC is refused rather than normalised, so that one room can't have two spellings.
 */
export function roomNameFault(name: unknown): string | null {
  if (typeof name !== "string") return "a room's name is a string";
  if (name.length === 0) return "a room's name is not empty";
  // No unit of a text takes more than three bytes, so most names need not be written to be measured.
  const isLong = name.length * 3 > MAX_ROOM_NAME_BYTES;
  if (name.length > MAX_ROOM_NAME_BYTES || (isLong && encoder.encode(name).length > MAX_ROOM_NAME_BYTES)) {
    return `a room's name has at most ${MAX_ROOM_NAME_BYTES} bytes of UTF-8`;
  }
  if (!name.isWellFormed()) return "a room's name is well-formed Unicode (it has a lone surrogate)";
  if (CONTROL.test(name)) return "a room's name has no control characters";
  if (name === "." || name === "..") return 'a room\'s name is not "." or ".."';
  if (name.normalize("NFC") !== name) return "a room's name is in Unicode's normal form NFC";
  return null;
}

/** Whether a room can have this name; `roomNameFault` says why not. */
export function isRoomName(name: string): boolean {
  const isShort = encoder.encode(name).length <= MAX_ROOM_NAME_BYTES;
  const isNormal = name.isWellFormed() && name.normalize("NFC") === name;
  return isShort && isNormal && !CONTROL.test(name) && !/^\.{0,2}$/.test(name);
}

/** Names that begin with `@` belong to the server: `@<identity>` is read by that identity alone. */
export function isReservedRoom(name: string): boolean {
  return name.startsWith("@");
}
