import type { IncomingMessage } from "node:http";
import { isJsonObject, parseJson } from "@parlor/protocol";
import { OperatorRefusal } from "./operator-refusal.ts";

const MAX_BYTES = 16_384;
const MAX_NESTING = 20;

/**
 * The body of a command: a JSON object.
 * @throws {OperatorRefusal}
 */
export async function readCommand(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new OperatorRefusal(415, "bad-frame", "A command comes as `content-type: application/json`.");
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES)
      throw new OperatorRefusal(413, "too-large", `A command has at most ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  const parsed = parseJson(Buffer.concat(chunks).toString("utf8"), MAX_NESTING);
  if (parsed.ok && isJsonObject(parsed.value)) return parsed.value;
  throw new OperatorRefusal(400, "bad-frame", "A command is a JSON object.");
}
