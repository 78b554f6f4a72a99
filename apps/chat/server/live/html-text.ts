// Line feed and tab are text; of the other control characters a page may show none.
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const UNSHOWN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const SPECIAL = /[&<>"']/g;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand in HTML, between tags or in a quoted attribute, whoever wrote it. */
export function htmlText(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(UNSHOWN, "\ufffd")
    .replace(SPECIAL, (character) => ENTITIES[character] ?? "");
}
