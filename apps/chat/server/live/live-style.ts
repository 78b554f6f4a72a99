import { readFileSync } from "node:fs";
import { join } from "node:path";
import { allowInline, policyText, STRICT_POLICY } from "../content-policy.ts";

/** A person's hue is a class here, since no style may stand in a row. */
const HUES = Array.from({ length: 24 }, (_, index) => `.h${index * 15}{--hue:${index * 15}}`).join("");

/**
 * The page's style stands in the page, so that it looks as it should before anything else is loaded; and it
 * is longer than what some browsers gather before they show a beginning. Colours are the chat page's own.
 */
export const STYLE_ELEMENT = `<style>${[
  readFileSync(join(import.meta.dirname, "../../web/style/tokens.css"), "utf8"),
  readFileSync(join(import.meta.dirname, "../../web/style/ground.css"), "utf8"),
  readFileSync(join(import.meta.dirname, "live.css"), "utf8"),
]
  .join("\n")
  .replace(/\/\*[\s\S]*?\*\//g, "")
  .replace(/\s+/g, " ")}${HUES}</style>`;

/** Nothing runs, nothing is loaded but an icon, and no style counts but that one. */
export const LIVE_POLICY = policyText(
  allowInline({ ...STRICT_POLICY, "script-src": [], "style-src": [], "connect-src": [] }, STYLE_ELEMENT),
);
