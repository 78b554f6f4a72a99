import { createHmac, timingSafeEqual } from "node:crypto";

/** What may be downloaded: a room, or all that an identity wrote. */
export interface Download {
  readonly kind: "export" | "export-identity";
  readonly of: string;
}

/** A download has to begin within this time, ms; a browser that goes on with a broken one asks as late. */
const PASS_MS = 60_000;

/**
 * Signs a pass for one download: a browser sends no key with a link, and the key must stand in no address.
 *
 *     <base64url of [until, kind, of]>.<43 characters of HMAC-SHA256>
 */
export function downloadPass({ kind, of }: Download, operatorKey: string, nowMs: number): string {
  const said = Buffer.from(JSON.stringify([nowMs + PASS_MS, kind, of])).toString("base64url");
  return `${said}.${macOf(said, operatorKey)}`;
}

/** What a pass is for; null where it is none of this key's, or over. */
export function readDownloadPass(pass: string, operatorKey: string, nowMs: number): Download | null {
  const [, said = "", mac = ""] = /^([\w-]{1,4096})\.([\w-]{43})$/.exec(pass) ?? [];
  const [given, expected] = [Buffer.from(mac), Buffer.from(macOf(said, operatorKey))];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const [until, kind, of] = JSON.parse(Buffer.from(said, "base64url").toString("utf8")) as SignedParts;
  return until > nowMs ? { kind, of } : null;
}

/** What was signed is what was made here. */
type SignedParts = readonly [until: number, kind: Download["kind"], of: string];

function macOf(said: string, operatorKey: string): string {
  return createHmac("sha256", operatorKey).update(`operator-download ${said}`).digest("base64url");
}
