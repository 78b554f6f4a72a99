/**
 * Which pages may connect: a browser tells with `Origin` where a page comes from, and a page cannot lie.
 *
 * Own is an origin that equals the Host **and** whose name nobody else can point at this server: an IP
 * address, `localhost`, or a name that the operator listed. Without the second half, a page of
 * `evil.example` could let that name resolve to 127.0.0.1 and then be "own" (DNS rebinding).
 *
 * Rules: docs/protocol.md, "Who may connect" (ORIGIN-). Pure: the same for requests and upgrades.
 */
import { isIP } from "node:net";

export interface OriginQuestion {
  /** Every value of `Origin`, one for each such header; usually none or one. */
  readonly origins: readonly string[];
  /** The `Host` header. */
  readonly host: string | undefined;
  /** Of the connection as the browser sees it: TLS, or what a trusted proxy says. */
  readonly scheme: "http" | "https";
  /** The allow-list, exactly as browsers write origins. */
  readonly allowed: readonly string[];
  /** Whether a request without `Origin` is refused. */
  readonly isRequired: boolean;
}

/** Characters of a peer's header that a sentence repeats. */
const MAX_SHOWN = 200;

// Nothing that is not a scheme, a host and perhaps a port gets as far as a URL parser, which would
// forgive it.
const ORIGIN = /^https?:\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\\[\]]+)(?::[0-9]{1,5})?$/;
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\\[\]]+)(?::[0-9]{1,5})?$/;

/** Why this origin may not connect, as a sentence; null where it may. */
export function originFault(question: OriginQuestion): string | null {
  const { origins, allowed } = question;
  const [origin, ...others] = origins;
  if (others.length > 0) return "The request has more than one Origin header.";
  if (origin === undefined) {
    return question.isRequired
      ? "This server takes requests with an Origin header only; the operator's --origins lists whose."
      : null;
  }
  if (allowed.includes(origin)) return null;
  if (origin === "null") {
    return (
      "A page without an origin of its own (a local file, a sandboxed frame) may not connect; " +
      "serve it from an address and name that with --origins."
    );
  }
  const url = parseOrigin(origin);
  if (url === null) {
    return "The Origin header is not an origin such as https://example.org; --origins lists who may connect.";
  }
  const ownUrl = hostUrl(question);
  if (ownUrl === null || ownUrl.host !== url.host) {
    return `Pages of ${shown(origin)} may not connect here; the operator can allow them with --origins.`;
  }
  if (!isOwnHost(question.host, allowed)) return notOwnName(origin);
  if (`${question.scheme}:` !== url.protocol) {
    return (
      `The page came over ${url.protocol.slice(0, -1)}, this connection over ${question.scheme}; behind a proxy, ` +
      `name ${shown(origin)} with --origins or the proxy with --trust-proxy.`
    );
  }
  return null;
}

/**
 * Why a request that does more than read may not, though no `Origin` is with it, as a sentence; null where it may. A
 * browser says by `Sec-Fetch-Site` that the page is of another site, which no page can change: where it left `Origin`
 * out, or something on the way took it, that is enough to know.
 */
export function foreignSiteFault(origins: readonly string[], fetchSite: string | undefined): string | null {
  if (origins.length > 0 || (fetchSite !== "cross-site" && fetchSite !== "same-site")) return null;
  return "A page of another site sent this and does not say which; the operator can allow its origin with --origins.";
}

/**
 * Why a form that was posted may not be taken, as a sentence; null where it may. A browser sends the form of
 * any site without asking first, so it must say whose page it comes from: by `Origin`, or, where a browser
 * leaves that out, by `Sec-Fetch-Site`, which no page can set.
 */
export function formOriginFault(
  question: Omit<OriginQuestion, "isRequired">,
  fetchSite: string | undefined,
): string | null {
  if (question.origins.length > 0) return originFault({ ...question, isRequired: true });
  if (fetchSite !== "same-origin") {
    return "The form does not say which page it was sent from; send it from this server's own page, with a browser.";
  }
  // To a browser, a name that somebody else lets point here is the same origin as itself.
  return isOwnHost(question.host, question.allowed)
    ? null
    : notOwnName(`${question.scheme}://${question.host ?? ""}`);
}

/**
 * Whether a `Host` header names this server by something that nobody else can let point at it: an IP
 * address, `localhost`, or a host of the allow-list.
 */
export function isOwnHost(host: string | undefined, allowed: readonly string[]): boolean {
  const name = hostUrl({ host, scheme: "http" })?.hostname;
  if (name === undefined) return false;
  if (name === "localhost" || isIP(name) !== 0 || name.startsWith("[")) return true;
  return allowed.some((origin) => parseOrigin(origin)?.hostname === name);
}

/** An origin as a browser writes it, and nothing else. */
function parseOrigin(origin: string): URL | null {
  if (!ORIGIN.test(origin) || !URL.canParse(origin)) return null;
  const url = new URL(origin);
  return url.origin === origin ? url : null;
}

function hostUrl({ host, scheme }: Pick<OriginQuestion, "host" | "scheme">): URL | null {
  if (host === undefined || !HOST.test(host)) return null;
  const text = `${scheme}://${host}`;
  return URL.canParse(text) ? new URL(text) : null;
}

function notOwnName(origin: string): string {
  return (
    `Only IP addresses and localhost count as this server's own name by themselves; ` +
    `the operator can name ${shown(origin)} with --origins.`
  );
}

function shown(origin: string): string {
  return origin.length > MAX_SHOWN ? `${origin.slice(0, MAX_SHOWN)}…` : origin;
}
