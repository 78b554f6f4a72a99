import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Certificate } from "@parlor/testkit";

const PAGE = readFileSync(join(import.meta.dirname, "..", "..", "..", "..", "docs", "operations.md"), "utf8");

/** Where a test runs what the page tells people to run. */
export interface RecipePlace {
  /** Of 127.0.0.1, where the proxy listens. */
  readonly port: number;
  readonly upstreamPort: number;
}

/** nginx's site of docs/operations.md, over plain http. */
export function nginxRecipe(place: RecipePlace): string {
  const site = recipe("Behind nginx", "nginx");
  return replaced(site, {
    "listen 80;": `listen 127.0.0.1:${place.port};`,
    "127.0.0.1:8080": `127.0.0.1:${place.upstreamPort}`,
  });
}

/** The same with the lines of its section on TLS. */
export function nginxTlsRecipe(place: RecipePlace, certificate: Certificate): string {
  const tls = replaced(recipe("TLS", "nginx"), {
    "listen 443 ": `listen 127.0.0.1:${place.port} `,
    "/etc/ssl/chat.example.org/fullchain.pem": certificate.certificatePath,
    "/etc/ssl/chat.example.org/privkey.pem": certificate.keyPath,
  });
  return replaced(nginxRecipe(place), { [`listen 127.0.0.1:${place.port};`]: tls });
}

/** haproxy's sections, with TLS; what comes without it is redirected from `plainPort`. */
export function haproxyRecipe(place: RecipePlace & { readonly plainPort: number }, bundle: string): string {
  return replaced(recipe("Behind haproxy", "haproxy"), {
    "bind :80\n": `bind 127.0.0.1:${place.plainPort}\n`,
    "bind :443 ": `bind 127.0.0.1:${place.port} `,
    "/etc/ssl/chat.example.org/bundle.pem": bundle,
    "127.0.0.1:8080": `127.0.0.1:${place.upstreamPort}`,
  });
}

/** The flags of the page's command, for pages of an origin. */
export function recommendedFlags(origin: string): readonly string[] {
  const command = replaced(recipe("Which flags", "sh"), { "https://chat.example.org": origin });
  const [npm, start, dashes, ...flags] = command.trim().split(" ");
  assert.deepEqual([npm, start, dashes], ["npm", "start", "--"]);
  return flags;
}

/** The block of a language under a heading. */
function recipe(heading: string, language: string): string {
  const section = PAGE.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  const block = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "m").exec(section ?? "")?.[1];
  assert.ok(block !== undefined, `docs/operations.md has no ${language} block under "${heading}"`);
  return block;
}

/** A test may change places only, and each of them has to be there. */
function replaced(text: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places).reduce((before, [old, now]) => {
    assert.ok(before.includes(old), `docs/operations.md no longer says "${old.trim()}"`);
    return before.replaceAll(old, now);
  }, text);
}
