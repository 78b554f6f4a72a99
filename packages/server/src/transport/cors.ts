/**
 * What lets pages of listed origins read answers. The server's own pages need none of it, and pages of
 * other origins were refused before. Credentials are never allowed: nothing here is told by a cookie.
 */

const METHODS = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";
const REQUEST_HEADERS =
  "content-type, authorization, last-event-id, parlor-producer, parlor-seq, idempotency-key, upload-offset";

/** How long a browser may remember a preflight's answer, s. */
const MAX_AGE_SECONDS = 600;

/**
 * Headers for every answer to a request that passed the origin check. `Vary` is there for all of them:
 * an answer kept for one origin must not be given to another.
 */
export function corsHeaders(origin: string | undefined, allowed: readonly string[]): Record<string, string> {
  if (origin === undefined || !allowed.includes(origin)) return { vary: "Origin" };
  return {
    vary: "Origin",
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "retry-after, upload-offset, upload-length, upload-complete",
  };
}

/** Headers of the 204 that answers `OPTIONS`, preflight or not. */
export function preflightHeaders(
  origin: string | undefined,
  allowed: readonly string[],
  wantsPrivateNetwork: boolean,
): Record<string, string> {
  const headers = corsHeaders(origin, allowed);
  if (headers["access-control-allow-origin"] === undefined) return { ...headers, allow: METHODS };
  return {
    ...headers,
    allow: METHODS,
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": REQUEST_HEADERS,
    "access-control-max-age": String(MAX_AGE_SECONDS),
    // A page of the open internet asks for this before it may reach an address of a local network.
    ...(wantsPrivateNetwork ? { "access-control-allow-private-network": "true" } : {}),
  };
}
