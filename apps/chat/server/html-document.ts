import { allowInline, type ContentPolicy, policyText } from "./content-policy.ts";
import { StaticFile } from "./static-file.ts";

/**
 * One HTML document: its tokens `%BASE%` become the path that everything is served below, and its
 * policy names what stands in it. It is never cached without asking, so that a new release is seen.
 */
export function htmlDocument(html: string, basePath: string, policy: ContentPolicy): StaticFile {
  const text = html.replaceAll("%BASE%", basePath);
  const hasBase = /<base\s/i.test(text);
  const complete = allowInline(hasBase ? { ...policy, "base-uri": ["'self'"] } : policy, text);
  return new StaticFile(Buffer.from(text), "text/html; charset=utf-8", {
    "cache-control": "no-cache",
    "content-security-policy": policyText(complete),
  });
}
