import type { IncomingMessage } from "node:http";
import type { HttpError } from "./http-answer.ts";

/** What is asked of a head; `headers` are those that Node joined. */
export type RequestHead = Pick<IncomingMessage, "rawHeaders" | "httpVersion" | "headers">;

/** A name or an address, and perhaps a port; none at all is allowed (RFC 9112, 3.2). */
const HOST = /^(?:(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::[0-9]{0,5})?)?$/;

/**
 * What RFC 9112 wants of a request's head and Node's parser lets through, in words: a version that is spoken here,
 * exactly one `Host` (which HTTP/1.0 may leave out), and a body that no reader before this one can have cut at
 * another place. Whoever breaks one of them is told so, and its connection ends.
 */
export function headFault(head: RequestHead): HttpError | null {
  const { httpVersion, headers } = head;
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return fault("This server speaks HTTP/1.1.");
  const hosts = hostCount(head);
  if (hosts > 1 || (hosts === 0 && httpVersion === "1.1"))
    return fault("The request needs exactly one Host header.");
  if (!HOST.test(headers.host ?? "")) return fault("The Host header is not a name with perhaps a port.");
  const coding = headers["transfer-encoding"];
  if (coding === undefined) return null;
  if (httpVersion === "1.0") return fault("HTTP/1.0 has no Transfer-Encoding.");
  return coding.trim().toLowerCase() === "chunked"
    ? null
    : fault("The only Transfer-Encoding that is taken is chunked.");
}

function hostCount({ rawHeaders }: RequestHead): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === "host") count += 1;
  return count;
}

function fault(message: string): HttpError {
  return { code: "bad-frame", message, headers: { connection: "close" } };
}
