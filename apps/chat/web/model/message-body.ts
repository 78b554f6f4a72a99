import { isJsonObject, isOffset, type JsonObject, type Message } from "@parlor/protocol";
import type { EntryBody } from "./entries.ts";
import { displayName } from "./display-name.ts";
import type { MessageFile } from "./message-files.ts";

/** What a message says, as people are shown it. */
export type ShownBody =
  | {
      readonly kind: "text";
      readonly text: string;
      readonly name: string | null;
      /** The offset of the message that it answers. */
      readonly reply?: number;
      /** Files as the body names them, read by who shows them (`messageFiles`); at least one. */
      readonly files?: readonly JsonObject[];
    }
  /** A body that is not a chat message: shown as its JSON. */
  | { readonly kind: "json"; readonly text: string }
  | { readonly kind: "erased" };

/** The body of what this page publishes. */
export interface ChatBody {
  readonly text: string;
  readonly name: string;
  /** The offset of the message that this one answers. */
  readonly reply?: number | undefined;
  readonly files?: readonly MessageFile[] | undefined;
}

/** Reads any body at all: rooms are open to other programs, and a body is whatever JSON they sent. */
export function shownBody(body: unknown): ShownBody {
  if (typeof body === "string") return { kind: "text", text: body, name: null };
  if (isJsonObject(body) && typeof body["text"] === "string") {
    const { text, reply } = body;
    const answers = isOffset(reply) && reply >= 1 ? { reply } : {};
    const named: unknown = body["files"];
    const files = Array.isArray(named) ? named.filter(isJsonObject) : [];
    return {
      kind: "text",
      text,
      name: displayName(body["name"]),
      ...answers,
      ...(files.length > 0 && { files }),
    };
  }
  return { kind: "json", text: JSON.stringify(body) };
}

/** What is said, in words; of files alone their names. */
export function wordsOf(body: Exclude<ShownBody, { kind: "erased" }>): string {
  if (body.kind === "json" || body.text !== "") return body.text;
  return (body.files ?? []).map(({ name }) => displayName(name) ?? "a file").join(", ");
}

const ERASED: ShownBody = Object.freeze({ kind: "erased" });

// A message never changes, and is drawn many times; the same object also lets a row see that it is the same.
const shown = new WeakMap<Message, ShownBody>();

export function shownMessage(message: Message): ShownBody {
  if (message.redacted === true) return ERASED;
  let body = shown.get(message);
  if (body === undefined) {
    body = shownBody(message.body);
    shown.set(message, body);
  }
  return body;
}

const encoder = new TextEncoder();

/** Bytes of a body on the wire. */
export function bodyBytes(body: ChatBody | EntryBody): number {
  return encoder.encode(JSON.stringify(body)).length;
}
