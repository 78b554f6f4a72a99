import type { PendingPublish } from "@parlor/client";
import { earlierId, type Echo, type EchoState } from "./echoes.ts";

/**
 * What this person wrote in a page that is gone, and the room has not shown yet: the browser kept it, and the client
 * sends it now. Like the page's own echoes (echoes.ts), but that nobody holds a promise of it.
 *
 *     in the outbox ─── published ──▶ settled ─── the cursor is there ──▶ gone: the message itself is shown
 *                └───── refused ────▶ gone: it is among the refused ones
 */
export interface EarlierEchoes {
  readonly open: readonly EarlierPublish[];
  readonly cursor: number;
}

interface EarlierPublish {
  readonly producer: string;
  readonly seq: number;
  readonly body: unknown;
  readonly re?: number | undefined;
  readonly writtenAt: number;
  readonly isInOutbox: boolean;
  /** Its place in the room; null while that is not told. */
  readonly offset: number | null;
  readonly held: string | null;
}

export type EarlierEvent =
  | { readonly kind: "outbox"; readonly outbox: readonly PendingPublish[] }
  /** `offset` is null where the server only knows that it has it: somewhere further up. */
  | {
      readonly kind: "published";
      readonly producer: string;
      readonly seq: number;
      readonly offset: number | null;
    }
  | { readonly kind: "refused"; readonly producer: string; readonly seq: number }
  | { readonly kind: "delivered"; readonly cursor: number }
  | { readonly kind: "began-anew" };

/** Settled ones that are kept; what a server acked it delivers in a moment. */
const MAX_SETTLED = 500;

export function foldEarlier(echoes: EarlierEchoes, event: EarlierEvent): EarlierEchoes {
  switch (event.kind) {
    case "outbox":
      return afterOutbox(echoes, event.outbox);
    case "published": {
      const { offset } = event;
      const isShown = offset === null || offset <= echoes.cursor;
      if (isShown) return without(echoes, event);
      const open = echoes.open.map((one) => (isSame(one, event) ? { ...one, offset } : one));
      return { ...echoes, open };
    }
    case "refused":
      return without(echoes, event);
    case "delivered": {
      const cursor = Math.max(echoes.cursor, event.cursor);
      return { cursor, open: echoes.open.filter(({ offset }) => offset === null || offset > cursor) };
    }
    case "began-anew":
      return { cursor: 0, open: echoes.open.filter(({ isInOutbox }) => isInOutbox) };
  }
}

export function shownEarlier(echoes: EarlierEchoes): readonly Echo[] {
  return echoes.open.map((publish) => {
    const { body, re, writtenAt: at, isInOutbox, held } = publish;
    const waiting: EchoState = held === null ? { kind: "waiting" } : { kind: "held", sentence: held };
    return { id: earlierId(publish), body, re, at, state: isInOutbox ? waiting : { kind: "settled" } };
  });
}

function afterOutbox(echoes: EarlierEchoes, outbox: readonly PendingPublish[]): EarlierEchoes {
  const open = outbox.flatMap(({ producer, seq, body, re, writtenAt = 0, state }): EarlierPublish[] => {
    if (producer === undefined) return [];
    const before = echoes.open.find((one) => isSame(one, { producer, seq }));
    const held = typeof state === "object" ? state.message : null;
    return [
      { producer, seq, body: before?.body ?? body, re, writtenAt, isInOutbox: true, offset: null, held },
    ];
  });
  const left = echoes.open.filter((one) => !open.some((other) => isSame(one, other)));
  const settled = left.map((one) => ({ ...one, isInOutbox: false })).slice(-MAX_SETTLED);
  return { ...echoes, open: [...settled, ...open] };
}

function without(echoes: EarlierEchoes, gone: Pick<EarlierPublish, "producer" | "seq">): EarlierEchoes {
  return { ...echoes, open: echoes.open.filter((one) => !isSame(one, gone)) };
}

type Named = Pick<EarlierPublish, "producer" | "seq">;

function isSame(one: Named, other: Named): boolean {
  return one.producer === other.producer && one.seq === other.seq;
}
