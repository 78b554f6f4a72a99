/**
 * Whether the words of a link would make one believe that it leads elsewhere than it does: they are empty, or
 * something in them reads like an address whose host is another one. Each such word has to be an address of the
 * link's own host; that the host stands somewhere in it, as a path or a query, says nothing.
 *
 *     [https://bank.example/evil.example](https://evil.example)   is misleading
 */
export function isMisleading(words: string, href: string): boolean {
  const { host } = new URL(href);
  if (words.trim() === "") return true;
  return words.split(/\s+/).some((word) => looksLikeAddress(word) && hostOf(word) !== host);
}

function looksLikeAddress(word: string): boolean {
  return /[^.]\.[^.]|:\/\//.test(word);
}

/** The host that a reader takes it for; null where it is none, or hides one behind a name. */
function hostOf(word: string): string | null {
  const bare = word.replace(/^[("'<[]+|[)"'>\].,;:!?]+$/g, "");
  const address = bare.includes("://") ? bare : `https://${bare}`;
  if (!URL.canParse(address)) return null;
  const { host, username } = new URL(address);
  return username === "" ? host : null;
}
