import type { Attempt, Outcome } from "./attempts.ts";

/** Whatever is in a room's log is found by whoever may read it; there is nothing to find for anybody else. */
export const SEARCHES: Readonly<Record<string, (who: Attempt) => Promise<Outcome>>> = {
  search: (who) => outcomeOf(who, "search", { text: "file", rooms: [who.room] }),
  unread: (who) =>
    outcomeOf(who, "unread", { name: null, rooms: [{ room: who.room, epoch: "an-older", offset: 0 }] }),
};

/** Whether the index has come as far as the file that is in each of the rooms. */
export async function isFound(who: Attempt): Promise<boolean> {
  return (await SEARCHES["search"]?.(who)) === "done";
}

async function outcomeOf({ url, key }: Attempt, method: string, params: object): Promise<Outcome> {
  const frames = [
    { type: "hello", version: 1, key, producer: "producer-1" },
    { type: "request", id: 1, method, params },
  ];
  const response = await fetch(`${url}connect/send`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: frames.map((frame) => JSON.stringify(frame)).join("\n"),
  });
  const lines = (await response.text()).trim().split("\n");
  const { error, result } = JSON.parse(lines.at(-1) ?? "{}") as Reply;
  if (error !== undefined) return error.code;
  const found = result !== undefined && "hits" in result ? result.hits : (result ?? []);
  return found.length > 0 ? "done" : "forbidden";
}

interface Reply {
  readonly error?: { readonly code: string };
  readonly result?: readonly unknown[] | { readonly hits: readonly unknown[] };
}
