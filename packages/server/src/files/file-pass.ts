import { createHmac, timingSafeEqual } from "node:crypto";

/** Whom a pass stands for, in which room, and until when (ms since 1970). */
export interface PassClaims {
  readonly room: string;
  readonly identity: string;
  readonly until: number;
}

/** A pass is good for this long at least, and for twice as long at most, ms. */
const PASS_MS = 3_600_000;

/**
 * Until when a pass that is made now holds: the end of the next whole hour, so that all that one is given in an hour are
 * the same, and with them the addresses that a browser keeps files by.
 */
export function passEnd(nowMs: number): number {
  return (Math.floor(nowMs / PASS_MS) + 2) * PASS_MS;
}

/**
 * Signs a pass. It says who its holder is and nothing of what they may do: that is asked at each use.
 *
 *     <until, base 36>.<identity, base64url>.<43 characters of HMAC-SHA256>
 */
export function signPass({ room, identity, until }: PassClaims, secret: string): string {
  const said = `${until.toString(36)}.${Buffer.from(identity).toString("base64url")}`;
  return `${said}.${macOf(said, room, secret)}`;
}

/** The identity that a pass to a room stands for; null where it is none of ours, of another room, or over. */
export function passHolder(pass: string, room: string, secret: string, nowMs: number): string | null {
  const [, said = "", end = "", who = "", mac = ""] = PASS.exec(pass) ?? [];
  const expected = Buffer.from(macOf(said, room, secret));
  const given = Buffer.from(mac);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  return Number.parseInt(end, 36) > nowMs ? Buffer.from(who, "base64url").toString("utf8") : null;
}

const PASS = /^(([0-9a-z]{1,11})\.([\w-]{1,1024}))\.([\w-]{43})$/;

function macOf(said: string, room: string, secret: string): string {
  return createHmac("sha256", secret)
    .update(JSON.stringify(["file-pass", room, said]))
    .digest("base64url");
}
