import { randomId } from "@parlor/base";
import { isIdentityKey } from "@parlor/protocol";
import { displayName, MAX_NAME_CHARACTERS } from "../../web/model/display-name.ts";

/** Who a browser without a script says it is. */
export interface Visitor {
  /** The secret whose hash is the visitor's identity; null where the browser keeps none. */
  readonly key: string | null;
  /** The name that was last written with; null for none. */
  readonly name: string | null;
}

const KEY_COOKIE = "parlor_key";
const NAME_COOKIE = "parlor_name";

/** Characters of a key that is made here: 192 bits. */
const KEY_CHARACTERS = 32;

/** A browser keeps a cookie no longer than about this, s. */
const MAX_AGE_SECONDS = 34_560_000;

export function readVisitor(cookieHeader: string | undefined): Visitor {
  const cookies = new Map<string, string>();
  for (const pair of (cookieHeader ?? "").split(";")) {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, equals).trim();
    // The first one counts: of two cookies of one name it has the longer path.
    if (equals > 0 && !cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
  }
  const key = cookies.get(KEY_COOKIE);
  return {
    key: key !== undefined && isIdentityKey(key) ? key : null,
    name: displayName(decoded(cookies.get(NAME_COOKIE))),
  };
}

export function newKey(): string {
  return randomId(KEY_CHARACTERS);
}

export interface CookieScope {
  readonly basePath: string;
  /** Whether the browser's connection is TLS: then the cookie goes over nothing else. */
  readonly isSecure: boolean;
}

export function keyCookie(key: string, scope: CookieScope): string {
  return `${KEY_COOKIE}=${key}; ${attributes(scope)}`;
}

export function nameCookie(name: string, scope: CookieScope): string {
  const short = [...name].slice(0, MAX_NAME_CHARACTERS).join("").toWellFormed();
  return `${NAME_COOKIE}=${encodeURIComponent(short)}; ${attributes(scope)}`;
}

/**
 * `Lax` and not `Strict`: who follows a link from another site must come with their key, or they would be
 * given a new one. That another site can't write in their name is the Origin check's to see to.
 */
function attributes({ basePath, isSecure }: CookieScope): string {
  const secure = isSecure ? "; Secure" : "";
  return `Path=${basePath}; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax${secure}`;
}

function decoded(value: string | undefined): string | null {
  if (value === undefined) return null;
  try {
    return decodeURIComponent(value);
  } catch {
    // Not one that was set here.
    return null;
  }
}
