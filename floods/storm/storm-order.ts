/** What a process of clients is asked to do; each order is answered when it is done. */
export type StormOrder =
  | { readonly kind: "join"; readonly url: string; readonly count: number; readonly rooms: number }
  | { readonly kind: "talk"; readonly perSecond: number; readonly name: string }
  | { readonly kind: "hush" }
  | { readonly kind: "how-many"; readonly lengths: Readonly<Record<string, number>> }
  | { readonly kind: "resumed" }
  | { readonly kind: "report" };

/** What the clients of one process did and saw. */
export interface StormReport {
  /** Connections that were tried, each when, in ms since 1970. */
  readonly attemptsAt: readonly number[];
  readonly resumed: readonly { readonly atMs: number; readonly cursor: string }[];
  readonly acked: readonly { readonly room: string; readonly body: string }[];
  /** Of each client, what it heard in its room, joined by commas. */
  readonly heard: readonly { readonly room: string; readonly bodies: string }[];
  readonly faults: readonly string[];
}
