/**
 * Who speaks: a public id that is the hash of a secret which only its owner holds.
 *
 * Rules: docs/protocol.md, "Words" (identity, producer). Nothing is cached: a hash costs about a
 * microsecond, and a cache of secrets would be one more thing to bound and to leak.
 */
import { createHash } from "node:crypto";
import { randomId } from "@parlor/base";

/** Characters of a derived or fresh identity: 132 bits. */
export const IDENTITY_CHARACTERS = 22;

/** UTF-8 bytes of an identity that a host's `authenticate` may give. */
export const MAX_IDENTITY_BYTES = 128;

/** The identity of whatever the server's own code publishes. No peer can have it. */
export const SERVER_IDENTITY = "@server";

/** The public identity of a secret key: the same key gives the same identity on every server. */
export function identityFromKey(key: string): string {
  return hash(key);
}

/** An identity that nobody had before and nobody can come back to. */
export function freshIdentity(): string {
  return randomId(IDENTITY_CHARACTERS);
}

/**
 * The identity of a keyless request that carries an `Idempotency-Key`: the same string is the same
 * sender, so that a retry finds its first try. Hashed apart from keys, so that nobody reaches the
 * identity of a key by sending that key as an idempotency key, or the other way round.
 */
export function identityFromIdempotencyKey(idempotencyKey: string): string {
  return hash(`parlor/idempotency/identity\n${idempotencyKey}`);
}

/** The producer that an `Idempotency-Key` stands for; it shows nothing of the string. */
export function producerFromIdempotencyKey(idempotencyKey: string): string {
  return hash(`parlor/idempotency/producer\n${idempotencyKey}`);
}

// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Says what is wrong with an identity that a host's `authenticate` gave, or null where nothing is.
 * A leading `@` is reserved, so that nobody can be `@server`.
 */
export function identityFault(identity: unknown): string | null {
  if (typeof identity !== "string") return "an identity is a string";
  if (identity.length === 0) return "an identity is not empty";
  if (!identity.isWellFormed()) return "an identity is well-formed Unicode";
  if (Buffer.byteLength(identity) > MAX_IDENTITY_BYTES) {
    return `an identity has at most ${MAX_IDENTITY_BYTES} bytes of UTF-8`;
  }
  if (CONTROL.test(identity)) return "an identity has no control characters";
  if (identity.startsWith("@")) return 'an identity does not begin with "@", which is the server\'s own';
  return null;
}

function hash(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("base64url").slice(0, IDENTITY_CHARACTERS);
}
