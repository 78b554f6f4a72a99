import { BlockList, isIPv4, isIPv6 } from "node:net";

/** Networks of IPv4 that are nobody's in public: one's own, a provider's, of documents, of many at a time, of the future. */
const NOT_PUBLIC: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];
/** Of IPv6 all is private but this, and in this what leads into IPv4, or is for documents. */
const PUBLIC_6: readonly [string, number] = ["2000::", 3];
const NOT_PUBLIC_6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const notPublic = new BlockList();
for (const [net, prefix] of NOT_PUBLIC) notPublic.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of NOT_PUBLIC_6) notPublic.addSubnet(net, prefix, "ipv6");
const public6 = new BlockList();
public6.addSubnet(...PUBLIC_6, "ipv6");

/** Whether an address is one of the public network, so that nothing of one's own answers there. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic.check(address, "ipv4");
  return isIPv6(address) && public6.check(address, "ipv6") && !notPublic.check(address, "ipv6");
}
