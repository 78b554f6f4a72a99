/**
 * How a message of the room reads as one line, as the plain room shows it; null where it is not shown:
 * an erased one, and one that speaks about another.
 *
 * @param {{ body: unknown, re?: number, redacted?: boolean }} message
 * @returns {string | null}
 */
export function shownText({ body, re, redacted }) {
  if (redacted === true || re !== undefined) return null;
  if (typeof body === "string") return body;
  if (typeof body === "object" && body !== null && "text" in body && "name" in body) {
    return `${String(body.name)}: ${String(body.text)}`;
  }
  return JSON.stringify(body);
}
