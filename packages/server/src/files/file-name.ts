/** Characters of a name that is sent; file systems take about as many. */
const MAX_NAME_CHARACTERS = 120;

/**
 * What can't stand in a name: control characters, those that turn the direction of what follows (with which
 * `exe.gpj` reads `jpg.exe`), invisible ones, and those that are paths or wildcards somewhere.
 */
const HARMFUL =
  // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\\/:*?"<>|]|[\u{e0000}-\u{e007f}]/gu;

/** A name that is harmless on every system, whatever was asked for: of a path its last part, without what misleads. */
export function safeFileName(name: string): string {
  const last = name.toWellFormed().split(/[\\/]/).at(-1) ?? "";
  const clean = last
    .normalize("NFC")
    .replace(HARMFUL, "")
    .replace(/^[\s.]+|[\s.]+$/g, "");
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(clean)?.[0] ?? "";
  const stem = [...clean.slice(0, clean.length - extension.length)];
  const kept = stem.slice(0, MAX_NAME_CHARACTERS - extension.length).join("");
  return kept === "" ? `file${extension}` : `${kept}${extension}`;
}

/** The header of RFC 6266: the name in ASCII for who reads no other, and whole, as RFC 8187 encodes it. */
export function contentDisposition(kind: "inline" | "attachment", name: string): string {
  const safe = safeFileName(name);
  const ascii = safe.replace(/[^\x20-\x7e]/g, "_").replace(/["\\%]/g, "_");
  const encoded = encodeURIComponent(safe).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return ascii === safe
    ? `${kind}; filename="${ascii}"`
    : `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
