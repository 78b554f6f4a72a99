/**
 * Who is shown what only the operator of this server may see: whoever holds the operator's key, and for
 * some things whoever sits at the machine itself.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isOwnHost } from "./transport/origin.ts";
import { isLoopback } from "./transport/peer-address.ts";

/** What a proxy adds. Any of them means that the peer is not who holds the other end of the socket. */
const FORWARDING_HEADERS = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
] as const;

export function bearerToken({ headers }: Pick<IncomingMessage, "headers">): string | null {
  return /^Bearer +([!-~]+) *$/i.exec(headers.authorization ?? "")?.[1] ?? null;
}

/**
 * Whether the peer is on this machine and came straight: a loopback socket, no trace of a proxy, and a
 * Host that is the machine's own and not a name that a stranger's page let point here.
 */
export function isLocalVisit(request: IncomingMessage): boolean {
  const { headers, socket } = request;
  const address = (socket.remoteAddress ?? "").replace(/^::ffff:/i, "");
  if (!isLoopback(address) || !isOwnHost(headers.host, [])) return false;
  return FORWARDING_HEADERS.every((name) => headers[name] === undefined);
}

/** For comparing secrets: of one length, whatever they are. */
export function digest(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
