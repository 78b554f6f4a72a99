import { BlockList, isIP } from "node:net";
import { ipv6Groups, mappedIPv4 } from "../session/address-group.ts";

/** Who is at the other end, as far as it can be believed. */
export interface Peer {
  /** An IP address without zone, an IPv4 one never written as IPv6; `unknown` where there is none. */
  readonly address: string;
  /** How the peer's own connection was made. */
  readonly scheme: "http" | "https";
}

export interface PeerQuestion {
  /** `socket.remoteAddress`; undefined for a Unix socket and for one that is gone. */
  readonly socketAddress: string | undefined;
  readonly isTls: boolean;
  /** `X-Forwarded-For`, several headers joined by commas. */
  readonly forwardedFor: string | undefined;
  /** `X-Forwarded-Proto`, likewise. */
  readonly forwardedProto: string | undefined;
}

/** Hops of `X-Forwarded-For` that are looked at; a longer chain is somebody's invention. */
const MAX_HOPS = 32;

/**
 * Finds the peer behind trusted proxies.
 *
 * Each proxy writes to the right of the list what it saw itself, so the list is read from the right, as
 * long as the one who wrote it is trusted. The first address that is not a trusted proxy's is the peer;
 * everything left of it may be the peer's own invention. Where the list holds what is no address, nothing
 * of it is believed.
 */
export class PeerFinder {
  readonly #trusted = new BlockList();
  readonly #trustsNobody: boolean;

  /** @param trustProxy addresses and CIDR ranges, checked before. */
  constructor(trustProxy: readonly string[]) {
    this.#trustsNobody = trustProxy.length === 0;
    for (const entry of trustProxy) {
      const [address = "", prefix] = entry.split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (prefix === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(prefix), family);
    }
  }

  find(question: PeerQuestion): Peer {
    const direct: Peer = {
      address: normalAddress(question.socketAddress) ?? "unknown",
      scheme: question.isTls ? "https" : "http",
    };
    if (this.#trustsNobody || !this.#isTrusted(direct.address)) return direct;
    const hops = fromTheRight(question.forwardedFor);
    let address = direct.address;
    let depth = -1;
    for (const hop of hops) {
      const hopAddress = normalAddress(withoutPort(hop));
      if (hopAddress === null) return { ...direct, scheme: schemeAt(question, 0) ?? direct.scheme };
      address = hopAddress;
      depth += 1;
      if (!this.#isTrusted(hopAddress)) break;
    }
    return { address, scheme: schemeAt(question, Math.max(0, depth)) ?? direct.scheme };
  }

  /** Whether who connects from there is a proxy that speaks for others. */
  isProxy(socketAddress: string | undefined): boolean {
    const address = normalAddress(socketAddress);
    return address !== null && !this.#trustsNobody && this.#isTrusted(address);
  }

  #isTrusted(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#trusted.check(address, version === 6 ? "ipv6" : "ipv4");
  }
}

/** Whether an address, as `Peer` has it, is this machine's own. */
export function isLoopback(address: string): boolean {
  return address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

/** The address without zone and with IPv4 as IPv4; null where it is none. */
function normalAddress(text: string | undefined): string | null {
  if (text === undefined) return null;
  const address = text.split("%", 1)[0] ?? "";
  const version = isIP(address);
  if (version === 4) return address;
  return version === 6 ? (mappedIPv4(ipv6Groups(address)) ?? address.toLowerCase()) : null;
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` without what is not the address. */
function withoutPort(hop: string): string {
  if (hop.startsWith("[")) return /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop)?.[1] ?? "";
  return /^([^:]*):\d{1,5}$/.exec(hop)?.[1] ?? hop;
}

function fromTheRight(list: string | undefined): string[] {
  if (list === undefined || list.trim() === "") return [];
  return list
    .split(",")
    .slice(-MAX_HOPS)
    .map((entry) => entry.trim())
    .reverse();
}

/**
 * What the proxy at that depth saw. A list that is shorter than the chain was overwritten by a proxy on
 * the way, and its leftmost entry is the nearest to the peer.
 */
function schemeAt(question: PeerQuestion, depth: number): "http" | "https" | null {
  const schemes = fromTheRight(question.forwardedProto);
  const scheme = (schemes[depth] ?? schemes.at(-1))?.toLowerCase();
  if (scheme === "https" || scheme === "wss") return "https";
  return scheme === "http" || scheme === "ws" ? "http" : null;
}
