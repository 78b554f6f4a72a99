import type { Message } from "@parlor/protocol";
import { entryOf, type HistoryEntry, type LogEvent, wait } from "@parlor/testkit";
import { kept } from "./member.ts";

/** A server that comes back from the last fault says for a moment that it can't read. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 500;

/** All that the server's log holds of a room, page by page. */
export async function readLog(url: string, room: string): Promise<LogEvent> {
  const messages: Message[] = [];
  for (;;) {
    const after = messages.at(-1)?.offset ?? 0;
    const answer = await askPatiently(`${url}rooms/${room}/messages?after=${after}&limit=500`);
    if (!answer.ok) throw new Error(`${room} can't be read: ${answer.status} ${await answer.text()}`);
    const page = (await answer.json()) as {
      readonly epoch: string;
      readonly earliest: number;
      readonly messages: readonly Message[];
      readonly more: boolean;
    };
    messages.push(...page.messages);
    if (page.more) continue;
    const { epoch, earliest } = page;
    return { kind: "log", room, epoch, earliest, entries: messages.map(keptEntry) };
  }
}

/** The texts of a room in which nothing else is said. */
export async function readTexts(url: string, room: string): Promise<readonly string[]> {
  const { entries } = await readLog(url, room);
  return entries.map(({ body }) => String(JSON.parse(body ?? "null")));
}

/** Asks again for a while where the server can't answer now, as when it has just come back. */
export async function askPatiently(address: string): Promise<Response> {
  for (const begunMs = performance.now(); ; ) {
    const isLate = (): boolean => performance.now() - begunMs > PATIENCE_MS;
    try {
      const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.status < 429 || isLate()) return answer;
      await answer.body?.cancel();
    } catch (error) {
      if (isLate()) throw error;
    }
    await wait(AGAIN_MS);
  }
}

export function keptEntry(message: Message): HistoryEntry {
  const entry = entryOf(message);
  return { ...entry, body: entry.body === null ? null : kept(entry.body) };
}
