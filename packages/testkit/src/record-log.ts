import type { Message } from "@parlor/protocol";
import type { HistoryRecorder } from "./history-recorder.ts";

/** A page of `GET /rooms/{room}/messages`. */
interface LogPage {
  readonly epoch: string;
  readonly earliest: number;
  readonly head: number;
  readonly messages: readonly Message[];
}

/** Most that a page may be asked to hold. */
const PAGE_MESSAGES = 500;

/**
 * Reads all that a server's log holds of a room, over HTTP, and records it, so that the checker can say what
 * is lost. Fulfils with the offset of the newest message.
 *
 * @param url The server's base address, with a `/` at its end.
 */
export async function recordLog(recorder: HistoryRecorder, url: string, room: string): Promise<number> {
  const messages: Message[] = [];
  for (let after = 0; ; ) {
    const path = `rooms/${encodeURIComponent(room)}/messages?after=${after}&limit=${PAGE_MESSAGES}`;
    const answer = await fetch(new URL(path, url));
    if (!answer.ok) throw new Error(`the server answered ${answer.status}: ${await answer.text()}`);
    const page = (await answer.json()) as LogPage;
    messages.push(...page.messages);
    after = page.messages.at(-1)?.offset ?? page.head;
    if (after < page.head) continue;
    recorder.addLog(room, page.epoch, page.earliest, messages);
    return page.head;
  }
}
