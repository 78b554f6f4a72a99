import { isIPv6 } from "node:net";

/**
 * What counts as one address where addresses are counted: an IPv4 address itself, an IPv6 address by
 * its /64, since whoever has one IPv6 address usually has 2⁶⁴ of them. An IPv4 address written as
 * IPv6 (`::ffff:192.0.2.1`) is the IPv4 address. Idempotent; what is no address stays as it is.
 */
export function addressGroup(address: string): string {
  // The common case first: this runs for every publish.
  if (!address.includes(":") || address.endsWith("/64")) return address;
  const withoutZone = address.split("%", 1)[0] ?? address;
  if (!isIPv6(withoutZone)) return address;
  const groups = ipv6Groups(withoutZone);
  const mapped = mappedIPv4(groups);
  if (mapped !== null) return mapped;
  const prefix = groups.slice(0, 4).map((group) => group.toString(16));
  return `${prefix.join(":")}::/64`;
}

/** The dotted IPv4 address in `::ffff:0:0/96`, or null where the eight groups are not of that range. */
export function mappedIPv4(groups: readonly number[]): string | null {
  if (groups[5] !== 0xffff || groups.slice(0, 5).some((group) => group !== 0)) return null;
  const high = groups[6] ?? 0;
  const low = groups[7] ?? 0;
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** The eight 16-bit groups of a valid IPv6 address without a zone. */
export function ipv6Groups(address: string): number[] {
  const [head = "", tail] = address.split("::", 2);
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

function groupsOf(part: string): number[] {
  const groups: number[] = [];
  for (const piece of part === "" ? [] : part.split(":")) {
    if (!piece.includes(".")) {
      groups.push(Number.parseInt(piece, 16));
      continue;
    }
    const [a = 0, b = 0, c = 0, d = 0] = piece.split(".").map(Number);
    groups.push((a << 8) | b, (c << 8) | d);
  }
  return groups;
}
