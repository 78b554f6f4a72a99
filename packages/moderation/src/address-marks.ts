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

/** A range of one of the widths as `groupsOf` spells it, however else it was spelt; or what is wrong with it. */
export function readRange(
  written: string,
): { readonly range: string; readonly fault?: undefined } | { readonly fault: string } {
  const [address = "", width = "", more] = written.split("/");
  if (isIP(address) === 0 || more !== undefined)
    return { fault: "it is an address and a width, such as 203.0.113.0/24" };
  const widths = isIPv4(address) ? ["32", "24"] : ["64", "48"];
  const range = groupsOf(address)[widths.indexOf(width)];
  if (range === undefined) return { fault: `its width is /${widths.join(" or /")}` };
  const [base = ""] = range.split("/");
  // An address of somebody in it may be meant alone.
  const isBase = isIPv4(address) ? address === base : expand(address).join() === expand(base).join();
  return isBase ? { range } : { fault: `this range is spelt ${range}` };
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
