import { objectOf, readJsonObject } from "./json-object.ts";
import type { TransportClose } from "./transport.ts";

/** What is read of an answer that is no success. Ours are below one KiB; the rest are pages of proxies. */
const MAX_REFUSAL_BYTES = 16_384;

/**
 * What an HTTP answer that is no success says, in the server's words where it is the server's. Never
 * rejects but where the answer breaks off.
 */
export async function readRefusal(response: Response): Promise<TransportClose> {
  const { status, headers } = response;
  const reason = `HTTP ${status}`;
  const retryAfter = headers.get("retry-after") ?? "";
  const retryAfterMs = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : undefined;
  const { code, message } = objectOf(readJsonObject(await readStart(response))["error"]);
  if (typeof code === "string" && typeof message === "string") {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return { code: 1006, reason, refusal: { code, message, ...wait } };
  }
  if (retryAfterMs === undefined) return { code: 1002, reason };
  // A proxy that names a time to come back is obeyed as the server would be.
  const words = `Something on the way to the server answered HTTP ${status}.`;
  return { code: 1002, reason, refusal: { code: "unavailable", message: words, retryAfterMs } };
}

async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return (await response.text()).slice(0, MAX_REFUSAL_BYTES);
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < MAX_REFUSAL_BYTES) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  return text;
}
