import { createHash } from "node:crypto";

/** Directives of a content security policy; an empty list is `'none'`. */
export type ContentPolicy = Readonly<Record<string, readonly string[]>>;

/** What every page of this server shares: its own files and its own rooms, and nothing else at all. */
export const STRICT_POLICY: ContentPolicy = {
  "default-src": [],
  "script-src": ["'self'"],
  "style-src": ["'self'"],
  "img-src": ["'self'", "data:"],
  "media-src": ["'self'"],
  // Not every browser takes 'self' for WebSocket addresses.
  "connect-src": ["'self'", "ws:", "wss:"],
  "font-src": ["'self'"],
  "manifest-src": ["'self'"],
  "base-uri": [],
  "form-action": ["'self'"],
  "frame-ancestors": [],
  "require-trusted-types-for": ["'script'"],
};

export function policyText(policy: ContentPolicy): string {
  return Object.entries(policy)
    .map(([name, sources]) => `${name} ${sources.length === 0 ? "'none'" : sources.join(" ")}`)
    .join("; ");
}

/**
 * Allows the scripts and styles that stand in the document itself, each by the hash of its text, so
 * that the ones somebody smuggled in stay forbidden.
 */
export function allowInline(policy: ContentPolicy, html: string): ContentPolicy {
  return {
    ...policy,
    "script-src": [...(policy["script-src"] ?? []), ...inlineHashes(html, "script")],
    "style-src": [...(policy["style-src"] ?? []), ...inlineHashes(html, "style")],
  };
}

function inlineHashes(html: string, element: "script" | "style"): string[] {
  const pattern = new RegExp(`<${element}(\\s[^>]*)?>([\\s\\S]*?)</${element}\\s*>`, "gi");
  const hashes: string[] = [];
  for (const [, attributes = "", text = ""] of html.matchAll(pattern)) {
    if (/\ssrc\s*=/i.test(attributes)) continue;
    // A parser turns CRLF into LF before the browser hashes.
    const hash = createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("base64");
    hashes.push(`'sha256-${hash}'`);
  }
  return hashes;
}
