/**
 * What pages and servers say to each other about moderation, as types alone: a page imports nothing that runs.
 *
 * Times are ms since 1970. The reference in words is docs/moderation.md.
 */

/** Each holds what those behind it hold. */
export type Right = "owner" | "moderator" | "poster" | "reader";

/**
 * `open`: everybody reads and writes. `read-only`: everybody reads, posters write. `link-only`: readers read,
 * posters write.
 */
export type Mode = "open" | "read-only" | "link-only";

export type Reason = "spam" | "abuse" | "illegal" | "other";

/** One thing that somebody with the right may do in a room. */
export type Act =
  | { readonly kind: "pin" | "unpin" | "remove"; readonly offset: number }
  | { readonly kind: "mode"; readonly mode: Mode }
  /** `lock`: moderators alone write. `screen`: links from newcomers wait for a moderator. */
  | { readonly kind: "lock" | "screen"; readonly on: boolean }
  /** One message of an identity in so many ms; 0 for no such limit, at most an hour. */
  | { readonly kind: "slow"; readonly ms: number }
  /** `forMs` null: until it is lifted. */
  | { readonly kind: "mute"; readonly identity: string; readonly forMs: number | null }
  | {
      readonly kind: "ban";
      readonly identity: string;
      readonly forMs: number | null;
      /**
       * Also whoever comes from where that identity comes from and holds no right to write: its IPv4 address or IPv6
       * /64, with `wide` also the IPv4 /24 or IPv6 /48.
       */
      readonly address: boolean | "wide";
    }
  | { readonly kind: "unmute" | "unban" | "clear"; readonly identity: string }
  | {
      readonly kind: "link";
      readonly right: Right;
      readonly forMs: number | null;
      /** Whom it is for, up to 60 characters. */
      readonly label: string;
    }
  /** With everything that was handed out from it. */
  | { readonly kind: "revoke"; readonly link: string }
  | { readonly kind: "decide"; readonly offset: number; readonly verdict: "dismiss" | "remove" }
  | { readonly kind: "let-through" | "drop"; readonly held: string }
  /** The operator's alone, in the room `@*`: an IPv4 /24 or /32, an IPv6 /48 or /64. */
  | { readonly kind: "ban-range"; readonly range: string; readonly forMs: number | null }
  | { readonly kind: "unban-range"; readonly range: string };

export interface ActRequest {
  readonly room: string;
  /** 8 to 32 characters of `[A-Za-z0-9_-]`, new for each intent: the same again is done once. */
  readonly id: string;
  readonly act: Act;
}

/** What a room is, and what whoever asks may do there. */
export interface Standing {
  readonly room: string;
  readonly right: Right | null;
  readonly isOwned: boolean;
  readonly canClaim: boolean;
  readonly mode: Mode;
  readonly isLocked: boolean;
  readonly slowMs: number;
  readonly screensLinks: boolean;
  /** Offsets, the newest pinned last. */
  readonly pins: readonly number[];
  /** True, or why not. */
  readonly mayRead: true | string;
  readonly mayPublish: true | string;
  readonly mutedUntil: number | null;
  readonly bannedUntil: number | null;
  /** 0 for who is no moderator. */
  readonly openReports: number;
  readonly held: number;
  /** Rises with every act anywhere on this server. */
  readonly version: number;
}

export interface LinkShown {
  readonly id: string;
  readonly right: Right;
  /** What stands behind `#link=` in the room's address. A secret of whoever it is for. */
  readonly token: string;
  /** The link that it was handed out by; null for an owner's. */
  readonly parent: string | null;
  readonly by: string;
  readonly at: number;
  readonly expiresAt: number | null;
  readonly label: string;
  readonly revoked: boolean;
  /** Identities that have accepted it. */
  readonly holders: number;
  readonly allows: readonly string[];
}

/** What a link says before it is accepted. */
export interface LinkLook {
  readonly room: string;
  readonly right: Right;
  readonly expiresAt: number | null;
  readonly label: string;
  readonly allows: readonly string[];
}

export interface ReportShown {
  readonly room: string;
  readonly offset: number;
  readonly count: number;
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
  /** Of the first few who wrote something. */
  readonly words: readonly string[];
  readonly firstAt: number;
  /** The first 20. */
  readonly reporters: readonly string[];
  /** Who wrote the message. */
  readonly from: string;
  /** The message itself and up to two before and two behind it. */
  readonly context: readonly ContextMessage[];
}

export interface ContextMessage {
  readonly offset: number;
  readonly from: string;
  readonly at: number;
  readonly body: unknown;
}

/** A message that is not in the room: it waits for a moderator. */
export interface HeldShown {
  readonly room: string;
  readonly id: string;
  readonly from: string;
  readonly at: number;
  readonly body: unknown;
}

export interface PersonShown {
  readonly identity: string;
  readonly right: Right | null;
  readonly mutedUntil: number | null;
  readonly bannedUntil: number | null;
}

export interface ActDone {
  /** The act's place among all acts of this server. */
  readonly offset: number;
  /** The offset of what the room was told; null where it is told nothing, or was told when this was asked before. */
  readonly entry: number | null;
  /** Of a `link`. */
  readonly link?: LinkShown | undefined;
}

/** What stands in a room's log, `from` `@server`, as its body. */
export interface ActEntry {
  /** For readers that know nothing of acts. */
  readonly text: string;
  readonly name: "Moderation";
  readonly act: {
    readonly kind: string;
    /** An identity, or `@operator`. */
    readonly by: string;
    /** The link by which they may; null for the operator. */
    readonly link: string | null;
    readonly id: string;
    readonly identity?: string;
    readonly mode?: Mode;
    readonly on?: boolean;
    readonly ms?: number;
    /** Null: until it is lifted. */
    readonly until?: number | null;
  };
}
