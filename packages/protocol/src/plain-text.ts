import { isJsonObject } from "./json.ts";

/**
 * A message's body as the line of text that a plain room shows of it: a string as it is, `{"text", "name"}` as
 * `name: text`, anything else as its JSON.
 *
 * @param json The body's JSON text; asked only where the body has no other form.
 */
export function plainTextOf(body: unknown, json: () => string): string {
  if (typeof body === "string") return body;
  if (isJsonObject(body) && typeof body["text"] === "string") {
    const { text, name } = body;
    return typeof name === "string" && name !== "" ? `${name}: ${text}` : text;
  }
  return json();
}

/** `{"messages":["…"]}` of a plain room; its other members where something is to be said beside or without messages. */
export function plainFrame(
  texts: readonly string[],
  said: { readonly error?: unknown; readonly lost?: unknown } = {},
): string {
  return JSON.stringify({ ...said, messages: texts });
}
