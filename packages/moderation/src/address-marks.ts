/**
 * Where somebody comes from, without saying it: keyed hashes of the address groups around an address, of two widths
 * (IPv4: the address and its /24; IPv6: its /64 and its /48). The log holds these, never an address.
 */
import { createHmac } from "node:crypto";
import { isIP, isIPv4, isIPv6 } from "node:net";

const CHARACTERS = 22;

/** The groups of an address, the narrow one first, each as it is spelt in a range; none for what is no address. */
export function groupsOf(address: string): readonly string[] {
  const plain = (address.split("%", 1)[0] ?? address).replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(plain)) return [`${plain}/32`, `${plain.slice(0, plain.lastIndexOf("."))}.0/24`];
  const bare = plain.replace(/\/64$/, "");
  if (!isIPv6(bare)) return [];
  const words = expand(bare);
  return [`${words.slice(0, 4).join(":")}::/64`, `${words.slice(0, 3).join(":")}::/48`];
}

export function marksOf(groups: readonly string[], secret: Buffer): string[] {
  return groups.map((group) =>
    createHmac("sha256", secret).update(`parlor/address\n${group}`).digest("base64url").slice(0, CHARACTERS),
  );
}

/** What is wrong with a range; null where it is one of the widths, spelt as `groupsOf` spells it. */
export function rangeFault(range: string): string | null {
  const [address = "", width = "", more] = range.split("/");
  if (isIP(address) === 0 || more !== undefined)
    return "it is an address and a width, such as 203.0.113.0/24";
  const widths = isIPv4(address) ? ["32", "24"] : ["64", "48"];
  if (!widths.includes(width)) return `its width is /${widths.join(" or /")}`;
  const spelt = groupsOf(address)[widths.indexOf(width)];
  return spelt === range ? null : `this range is spelt ${spelt}`;
}

function expand(address: string): string[] {
  const [head = "", tail] = address.split("::", 2);
  const before = head === "" ? [] : head.split(":");
  if (tail === undefined) return before.map(short);
  const after = tail === "" ? [] : tail.split(":");
  // A dotted end is two words; what it says lies behind every width.
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  return [...before, ...zeros, ...after].map(short);
}

function short(word: string): string {
  return word.includes(".") ? word : Number.parseInt(word, 16).toString(16);
}
