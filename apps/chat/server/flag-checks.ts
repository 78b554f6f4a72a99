import { isIP, isIPv6 } from "node:net";
import { readNatsAddress } from "./nats/nats-address.ts";
import { readPreviewHosts } from "./previews/preview-hosts.ts";

/**
 * How one value of the command line or the environment is read: what it means, or what was expected
 * instead, as words that complete the sentence "--flag takes …".
 */
export type Check<Value> = (text: string) => Checked<Value>;

export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly expected: string };

const fault = (expected: string): Checked<never> => ({ ok: false, expected });

/** Decimal digits only: `Number` alone would also take "", "0x10" and "1e3". */
export function wholeNumber(min: number, max: number): Check<number> {
  return (text) => {
    const value = Number(text);
    return /^\d{1,16}$/.test(text) && value >= min && value <= max
      ? { ok: true, value }
      : fault(`a whole number from ${min} to ${max}`);
  };
}

/** A limit that can be switched off, in words: `Infinity`. */
export function wholeNumberOrInfinity(): Check<number> {
  return (text) => {
    if (text === "Infinity") return { ok: true, value: Infinity };
    const value = Number(text);
    return /^\d{1,16}$/.test(text) && value >= 1 && Number.isSafeInteger(value)
      ? { ok: true, value }
      : fault("a whole number of 1 or more, or Infinity");
  };
}

/** A number with or without a fraction, above 0 and at least `min`. */
export function numberOrInfinity(min: number): Check<number> {
  return (text) => {
    if (text === "Infinity") return { ok: true, value: Infinity };
    const value = Number(text);
    return /^\d{1,12}(\.\d{1,6})?$/.test(text) && value > 0 && value >= min
      ? { ok: true, value }
      : fault(min > 0 ? `a number of ${min} or more, or Infinity` : "a number above 0, or Infinity");
  };
}

export function nonEmptyText(expected: string): Check<string> {
  return (text) => (text.trim() === "" || text.includes("\0") ? fault(expected) : { ok: true, value: text });
}

/** What can travel in an `Authorization` header. */
export const secret: Check<string> = (text) =>
  /^[!-~]{1,512}$/.test(text)
    ? { ok: true, value: text }
    : fault("1 to 512 printable ASCII characters without spaces");

/** `/`, `/chat` or `/chat/`; given back with a slash at its end. */
export const basePath: Check<string> = (text) => {
  const isPath = /^\/(?:[A-Za-z0-9._~-]+\/?)*$/.test(text);
  const hasDots = text.split("/").some((segment) => segment === "." || segment === "..");
  if (!isPath || hasDots) return fault("a path such as /chat/ (letters, digits and -._~ between slashes)");
  return { ok: true, value: text.endsWith("/") ? text : `${text}/` };
};

/** Origins exactly as browsers send them, so that a comparison of strings is enough. */
export const origins: Check<readonly string[]> = (text) => {
  const list = split(text);
  const areOrigins = list.every((item) => {
    const url = URL.canParse(item) ? new URL(item) : null;
    return url !== null && /^https?:$/.test(url.protocol) && url.origin === item;
  });
  return list.length > 0 && areOrigins
    ? { ok: true, value: list }
    : fault("comma-separated origins such as https://chat.example.org (no path, no slash at the end)");
};

/** Whose pages are looked at for previews of links. */
export const previewHosts: Check<string> = (text) =>
  readPreviewHosts(text) === null
    ? fault("none, public, or comma-separated hosts such as example.org,*.example.com")
    : { ok: true, value: text };

export const proxies: Check<readonly string[]> = (text) => {
  const list = split(text);
  return list.length > 0 && list.every(isAddressOrRange)
    ? { ok: true, value: list }
    : fault("comma-separated addresses or ranges such as 127.0.0.1,10.0.0.0/8");
};

/** Where the log lives: `sqlite:`, `sqlite:DIR`, `memory:`, or a cluster's `nats://…`. */
export const logSpec: Check<string> = (text) =>
  text === "memory:" || text.startsWith("sqlite:") || readNatsAddress(text) !== null
    ? { ok: true, value: text }
    : fault("sqlite:, sqlite:FOLDER, memory: or nats://HOST:4222,HOST:4222");

/** One of some words. */
export function oneOf<Word extends string>(...words: readonly Word[]): Check<Word> {
  return (text) => {
    const word = words.find((each) => each === text);
    return word === undefined ? fault(words.join(" or ")) : { ok: true, value: word };
  };
}

function split(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function isAddressOrRange(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  if (isIP(address) === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv6(address) ? 128 : 32);
}
