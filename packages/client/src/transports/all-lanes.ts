import { MAX_SIGNALS } from "./bounds.ts";
import { readJsonObject } from "./json-object.ts";
import type { RequestLink } from "./request-link.ts";
import { frameType, sendLane, type Lane } from "./send-lane.ts";

/**
 * The lanes of a client that asks handlers and signals, too. A handler may take seconds, in which publishes go on: so
 * requests have a lane, and with it a producer, of their own. Of the signals that wait the newest are kept.
 */
export function allLanes(link: RequestLink): Lane {
  const say = sendLane(link);
  let ask: Lane | null = null;
  return (text, type) => {
    if (type === "request") (ask ??= sendLane(link, asAnother))(text, type);
    else say(text, type, type === "signal" ? dropOldest : undefined);
  };
}

function dropOldest(waiting: string[]): void {
  const isSignal = (text: string): boolean => frameType(text) === "signal";
  if (waiting.filter(isSignal).length >= MAX_SIGNALS) waiting.splice(waiting.findIndex(isSignal), 1);
}

/** The hello of a producer that the client does not publish as: its own name, read backwards. */
function asAnother(hello: string): string {
  const { producer, ...rest } = readJsonObject(hello);
  return JSON.stringify({ ...rest, producer: [...String(producer)].reverse().join("") });
}
