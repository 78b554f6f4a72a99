import type { TransportKind } from "@parlor/client";

const KINDS: readonly TransportKind[] = ["websocket", "stream", "poll"];

/** The one transport that the address asks for (`?transport=stream`); null where the client may choose. */
export function forcedTransport(search: string): TransportKind | null {
  const asked = new URLSearchParams(search).get("transport");
  return KINDS.find((kind) => kind === asked) ?? null;
}

/** Whether the page may share its connection with the browser's other tabs: not where the address says `?tabs=off`. */
export function sharesTabs(search: string): boolean {
  return forcedTransport(search) === null && new URLSearchParams(search).get("tabs") !== "off";
}

/** What of an address's query stays there when the page shows another room. */
export function keptQuery(search: string): string {
  const kind = forcedTransport(search);
  if (kind !== null) return `?transport=${kind}`;
  return sharesTabs(search) ? "" : "?tabs=off";
}
