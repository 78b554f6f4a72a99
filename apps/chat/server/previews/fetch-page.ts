import { lookup as resolveName } from "node:dns";
import { get as getPlain, type IncomingMessage } from "node:http";
import { get as getSecure, type RequestOptions } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { allowsPage, type PreviewHosts } from "./preview-hosts.ts";
import { isPublicAddress } from "./public-address.ts";

/** What of a page is read: what it says of itself stands at its beginning. */
const MAX_BYTES = 262_144;
const MAX_REDIRECTS = 3;
/** For all of it, ms. */
const WITHIN_MS = 4_000;

/**
 * A page of somebody else's, its beginning; null where it is none, not allowed, or does not come in time. What it says of
 * its encoding in the header counts, else it is UTF-8. Nothing of who asks goes along.
 *
 * A name is resolved once, and the connection is made to what was looked at: so none leads elsewhere in between.
 */
export async function fetchPage(
  link: URL,
  hosts: PreviewHosts,
  allows: typeof allowsPage = allowsPage,
): Promise<string | null> {
  const within = AbortSignal.timeout(WITHIN_MS);
  try {
    let url = link;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      if (!allows(hosts, url)) return null;
      const answer = await ask(url, hosts, within);
      const { statusCode = 0, headers } = answer;
      if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
        answer.destroy();
        if (!URL.canParse(headers.location, url)) return null;
        url = new URL(headers.location, url);
        continue;
      }
      const type = headers["content-type"] ?? "";
      if (statusCode === 200 && /^(text\/html|application\/xhtml\+xml)\b/i.test(type))
        return await beginning(answer, type);
      answer.destroy();
      return null;
    }
  } catch {
    // Intentionally: a page that can't be had has no preview.
  }
  return null;
}

function ask(url: URL, hosts: PreviewHosts, signal: AbortSignal): Promise<IncomingMessage> {
  const isAnyHost = hosts.kind === "public";
  // What is written as an address is not looked up.
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (isAnyHost && isIP(literal) !== 0 && !isPublicAddress(literal))
    return Promise.reject(new Error("not public"));
  const options: RequestOptions = {
    agent: false,
    signal,
    headers: { accept: "text/html", "accept-encoding": "identity", "user-agent": "Parlor (link preview)" },
    ...(isAnyHost && { lookup: lookupPublic }),
  };
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? getSecure(url, options) : getPlain(url, options);
    request.on("response", resolve).on("error", reject);
  });
}

/** Every address of the name is one of the public network, or it is not found. */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, found) => {
    const addresses = error === null ? found : [];
    const fault =
      error ?? (addresses.every(({ address }) => isPublicAddress(address)) ? null : new Error("not public"));
    const [first] = addresses;
    if (fault !== null || first === undefined) callback(fault ?? new Error("no address"), "", 0);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

async function beginning(answer: IncomingMessage, type: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  // Leaving ends the connection.
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= MAX_BYTES) break;
  }
  const charset = /charset\s*=\s*"?([\w-]{1,40})/i.exec(type)?.[1] ?? "utf-8";
  return decoderOf(charset).decode(Buffer.concat(parts).subarray(0, MAX_BYTES));
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    // Intentionally: an encoding that nobody knows is read as most pages are.
    return new TextDecoder();
  }
}
