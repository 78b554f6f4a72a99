import { CodedError, systemClock } from "@parlor/base";
import { JetStreamApiError } from "@nats-io/jetstream";
import { CopyMarks } from "./copy-mark.ts";
import type { NatsLink } from "./nats-link.ts";
import { Subjects } from "./subjects.ts";

/** @throws {CodedError} `no-log`, or `bad-log`: a copy into it has not ended. */
export async function requireLog(link: NatsLink, name: string, words: string): Promise<void> {
  const subjects = new Subjects(name, 1);
  try {
    await link.manager.streams.info(subjects.sideStream);
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.apiError().code === 404)) throw error;
    throw new CodedError("no-log", `there is no log of Parlor on ${words}`);
  }
  await new CopyMarks(link, subjects).requireNone();
}

/** @throws {CodedError} `in-use` in words. */
export async function requireNoNodes(
  link: NatsLink,
  members: string,
  words: string,
  listenMs: number,
): Promise<void> {
  const nodes = new Set<string>();
  const listening = link.subscribe(members, (message) => {
    const text = message.string();
    if (text.startsWith("+")) nodes.add(text);
    else nodes.delete(`+${text.slice(1)}`);
  });
  await new Promise<void>((resolve) => void systemClock.after(listenMs, resolve));
  listening.unsubscribe();
  if (nodes.size === 0) return;
  const who = nodes.size === 1 ? "a node uses" : `${nodes.size} nodes use`;
  throw new CodedError("in-use", `${who} ${words} now; stop every node while rooms are copied`);
}
