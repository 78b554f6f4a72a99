import { MAX_REFUSAL_CHARS } from "./bounds.ts";
import { bytesOf } from "./bytes-of.ts";
import { objectOf, readJsonObject } from "./json-object.ts";
import type { TransportClose } from "./transport.ts";

/**
 * What an HTTP answer that is no success says, in the server's words where it is the server's. Never
 * rejects but where the answer breaks off.
 */
export async function readRefusal(response: Response): Promise<TransportClose> {
  const reason = `HTTP ${response.status}`;
  const retryAfter = response.headers.get("retry-after") ?? "";
  const retryAfterMs = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : undefined;
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of bytesOf(response)) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length >= MAX_REFUSAL_CHARS) break;
  }
  const { code, message } = objectOf(readJsonObject(text)["error"]);
  if (typeof code === "string" && typeof message === "string")
    return { code: 1006, reason, refusal: { code, message, retryAfterMs } };
  // A proxy that names a time to come back is obeyed as the server would be.
  const refusal = {
    code: "unavailable",
    message: `Something on the way to the server answered ${reason}.`,
    retryAfterMs,
  };
  return { code: 1002, reason, refusal: retryAfterMs === undefined ? undefined : refusal };
}
