/** What a message says, as text, cut. */
export function textOf(body: unknown): string {
  if (body === null || body === undefined) return "erased";
  const said = typeof body === "object" && "text" in body ? body.text : body;
  const text = typeof said === "string" ? said : JSON.stringify(said);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
