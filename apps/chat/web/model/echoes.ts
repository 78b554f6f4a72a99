import type { PendingPublish } from "@parlor/client";

/**
 * What the person wrote here and the room has not shown yet.
 *
 *     written → waiting ─── acked ──▶ settled ─── delivered ──▶ gone: the message itself is shown
 *                  └─────── refused ─▶ stays, with the reason, until it is tried again or discarded
 *
 * Three things tell of one publish, in whatever order: the outbox loses it, its promise settles, and
 * the room delivers it. An echo is there until the delivery, and never beside it: whichever comes
 * first or last, one publish is one row. Pure; matched by the producer's own count, `seq`.
 */
export interface Echoes {
  readonly open: readonly OpenPublish[];
  readonly refused: readonly RefusedPublish[];
  /** The newest own seq that is in the room as shown; those before it are too, or were refused. */
  readonly doneSeq: number;
  /** How far the room has been delivered. */
  readonly cursor: number;
}

interface OpenPublish {
  readonly seq: number;
  readonly body: unknown;
  readonly re?: number | undefined;
  readonly writtenAt: number;
  readonly isInOutbox: boolean;
  /** Its place in the room, where an ack told it. */
  readonly ackedAt: number | null;
  /** Why it is held back for now, in words; it goes out again by itself. */
  readonly held: string | null;
}

interface RefusedPublish {
  readonly id: string;
  /** Null where the outbox did not even take it. */
  readonly seq: number | null;
  readonly body: unknown;
  readonly re?: number | undefined;
  readonly writtenAt: number;
  readonly sentence: string;
  /** It may be in the room all the same. @default false */
  readonly mayBeSent?: boolean;
}

export type EchoEvent =
  | { readonly kind: "outbox"; readonly outbox: readonly PendingPublish[]; readonly nowMs: number }
  /** `offset` is null where the server only knows that it has it. */
  | { readonly kind: "acked"; readonly seq: number; readonly offset: number | null }
  | { readonly kind: "refused"; readonly refused: RefusedPublish }
  /** The room went on to `cursor`; `seq` is the newest own one among what came, 0 for none. */
  | { readonly kind: "delivered"; readonly seq: number; readonly cursor: number }
  | { readonly kind: "discarded"; readonly id: string }
  /** The room's history was replaced: what had been stored in the old one is not to come. */
  | { readonly kind: "began-anew" };

/** What stands in for a message to come: a row, or a change of the row that it is about. */
export interface Echo {
  /** The same before and after it is settled, delivered or refused. */
  readonly id: string;
  readonly body: unknown;
  /** The message that it is about; undefined for one of its own. */
  readonly re?: number | undefined;
  readonly at: number;
  readonly state: EchoState;
}

export type EchoState =
  | { readonly kind: "waiting" }
  | {
      readonly kind: "held";
      readonly sentence: string;
      /** It is with a moderator, who may let it through. */
      readonly isAtModerator?: boolean;
    }
  /** The server has it; its place in the room comes in a moment. */
  | { readonly kind: "settled" }
  | { readonly kind: "refused"; readonly sentence: string; readonly mayBeSent: boolean };

export const NO_ECHOES: Echoes = Object.freeze({ open: [], refused: [], doneSeq: 0, cursor: 0 });

/** Refused publishes, and settled ones, that are kept. Far more than one person leaves lying. */
const MAX_KEPT = 500;

/**
 * How the server ends what it says of a message that it keeps for a moderator. The client may say behind it that an
 * earlier sending may have been stored, where the connection changed meanwhile: then the room shows it, and it goes.
 */
const AT_MODERATOR = "; this one does now.";

const WAITING: EchoState = Object.freeze({ kind: "waiting" });
const SETTLED: EchoState = Object.freeze({ kind: "settled" });

/** Names the row of one publish, from the moment it is written until long after it is delivered. */
export function echoId(seq: number): string {
  return `own-${seq}`;
}

/** Likewise of a publish of a page that is gone (earlier-echoes.ts), and of its message. */
export function earlierId({ producer, seq }: { readonly producer: string; readonly seq: number }): string {
  return `earlier-${producer}-${seq}`;
}

export function foldEchoes(echoes: Echoes, event: EchoEvent): Echoes {
  switch (event.kind) {
    case "outbox":
      return afterOutbox(echoes, event.outbox, event.nowMs);
    case "acked":
      return settled(withAck(echoes, event.seq, event.offset), 0);
    case "refused":
      return afterRefused(echoes, event.refused);
    case "delivered":
      return settled({ ...echoes, cursor: Math.max(echoes.cursor, event.cursor) }, event.seq);
    case "discarded":
      return { ...echoes, refused: echoes.refused.filter(({ id }) => id !== event.id) };
    case "began-anew":
      return { ...echoes, open: echoes.open.filter(({ isInOutbox }) => isInOutbox), doneSeq: 0, cursor: 0 };
  }
}

/** Refused ones first, since they were written before whatever still waits; each in its order. */
export function shownEchoes(echoes: Echoes): readonly Echo[] {
  return [
    ...echoes.refused.map(({ id, body, re, writtenAt: at, sentence, mayBeSent = false }): Echo => {
      const isAtModerator = sentence.includes(AT_MODERATOR);
      const state: EchoState = isAtModerator
        ? { kind: "held", sentence, isAtModerator }
        : { kind: "refused", sentence, mayBeSent };
      return { id, body, re, at, state };
    }),
    ...echoes.open.map(({ seq, body, re, writtenAt: at, held, isInOutbox }): Echo => {
      const waiting: EchoState = held === null ? WAITING : { kind: "held", sentence: held };
      return { id: echoId(seq), body, re, at, state: isInOutbox ? waiting : SETTLED };
    }),
  ];
}

/** Publishes that the server has not vouched for yet. */
export function waitingCount(echoes: { readonly open: readonly { readonly isInOutbox: boolean }[] }): number {
  return echoes.open.filter(({ isInOutbox }) => isInOutbox).length;
}

function afterOutbox(echoes: Echoes, outbox: readonly PendingPublish[], nowMs: number): Echoes {
  const known = new Map(echoes.open.map((publish) => [publish.seq, publish]));
  const refused = new Set(echoes.refused.map(({ seq }) => seq));
  const open: OpenPublish[] = [];
  for (const { seq, body, re, state } of outbox) {
    if (seq <= echoes.doneSeq || refused.has(seq)) continue;
    const before = known.get(seq);
    known.delete(seq);
    const held = typeof state === "object" ? state.message : null;
    open.push({
      seq,
      body: before?.body ?? body,
      re,
      writtenAt: before?.writtenAt ?? nowMs,
      isInOutbox: true,
      ackedAt: before?.ackedAt ?? null,
      held,
    });
  }
  // Whatever the outbox no longer holds was acked, or refused, which its promise tells in a moment.
  const left = [...known.values()].map((publish) => ({ ...publish, isInOutbox: false }));
  return {
    ...echoes,
    open: [...left.slice(-MAX_KEPT), ...open].sort((a, b) => a.seq - b.seq),
  };
}

function afterRefused(echoes: Echoes, refused: RefusedPublish): Echoes {
  const before = echoes.open.find(({ seq }) => seq === refused.seq);
  const told = { ...refused, writtenAt: before?.writtenAt ?? refused.writtenAt };
  return {
    ...echoes,
    open: echoes.open.filter((publish) => publish !== before),
    refused: [...echoes.refused, told].slice(-MAX_KEPT),
  };
}

function withAck(echoes: Echoes, seq: number, offset: number | null): Echoes {
  const open = echoes.open.map((publish) =>
    publish.seq === seq ? { ...publish, ackedAt: offset } : publish,
  );
  return { ...echoes, open };
}

/**
 * Lets go of what the room shows. A publish is shown when it, or a later one, was delivered, for own
 * messages stand in the room in the order of their seqs; or when the cursor went past its place, which
 * also ends the wait for one that was trimmed before it could be told.
 */
function settled(echoes: Echoes, deliveredSeq: number): Echoes {
  let doneSeq = Math.max(echoes.doneSeq, deliveredSeq);
  for (const { seq, ackedAt } of echoes.open) {
    if (ackedAt !== null && ackedAt <= echoes.cursor) doneSeq = Math.max(doneSeq, seq);
  }
  if (doneSeq === echoes.doneSeq) return echoes;
  return { ...echoes, doneSeq, open: echoes.open.filter(({ seq }) => seq > doneSeq) };
}
