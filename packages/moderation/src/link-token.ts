/**
 * A link's token: what it says (room, id, right, until when) and a keyed hash of that, so that nobody can make one
 * or change one without the server's secret. Whether it was revoked stands in the log.
 *
 *     1.<base64url of ["room","id","right",expiresAt]>.<43 characters of HMAC-SHA256>
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { roomNameFault } from "@parlor/protocol";
import { isRight } from "./rights.ts";
import type { Right } from "./shapes.ts";

export interface LinkClaims {
  readonly room: string;
  readonly id: string;
  readonly right: Right;
  /** ms since 1970; null where it has no end. */
  readonly expiresAt: number | null;
}

const PREFIX = "1";

/** A room's name of 128 bytes and all else in base64url is below 400. */
const MAX_TOKEN_CHARACTERS = 600;

export function signLink(claims: LinkClaims, secret: Buffer): string {
  const { room, id, right, expiresAt } = claims;
  const said = `${PREFIX}.${Buffer.from(JSON.stringify([room, id, right, expiresAt])).toString("base64url")}`;
  return `${said}.${macOf(said, secret).toString("base64url")}`;
}

/** What a token says, or null where this server did not make it. Compares in constant time. */
export function readLink(token: string, secret: Buffer): LinkClaims | null {
  if (token.length > MAX_TOKEN_CHARACTERS) return null;
  const [prefix, said, mac, more] = token.split(".");
  if (prefix !== PREFIX || said === undefined || mac === undefined || more !== undefined) return null;
  const expected = macOf(`${PREFIX}.${said}`, secret);
  const given = Buffer.from(mac, "base64url");
  // Written another way the same bytes are not the token that was handed out.
  if (given.length !== expected.length || given.toString("base64url") !== mac) return null;
  if (!timingSafeEqual(given, expected)) return null;
  return claimsOf(Buffer.from(said, "base64url").toString("utf8"));
}

function claimsOf(text: string): LinkClaims | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Signed by us and yet no JSON: made by another version.
    return null;
  }
  if (!Array.isArray(parsed)) return null;
  const [room, id, right, expiresAt] = parsed as unknown[];
  if (typeof room !== "string" || roomNameFault(room) !== null || typeof id !== "string") return null;
  if (!isRight(right) || !(expiresAt === null || typeof expiresAt === "number")) return null;
  return { room, id, right, expiresAt };
}

function macOf(said: string, secret: Buffer): Buffer {
  return createHmac("sha256", secret).update("parlor/link\n").update(said, "utf8").digest();
}
