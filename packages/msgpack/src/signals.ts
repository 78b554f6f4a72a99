import type { EncodableSignal } from "@parlor/protocol";
import { encodeBody, encodeValue } from "./msgpack.ts";

/** What of a frame each signal brings, whoever it is told to: who says it, and its body. */
interface Parts {
  readonly from: Uint8Array;
  readonly body: Uint8Array;
}

const parts = new WeakMap<EncodableSignal, Parts>();

/**
 * A `signals` frame. Of those who speak in a room each hears the others only, so that no two are sent the same:
 * what the frames have in common is encoded once, and each of them is put together.
 *
 * @param signals  The same objects in each frame that has them.
 */
export function encodeSignals(room: string, signals: readonly EncodableSignal[]): Uint8Array<ArrayBuffer> {
  const ids: Uint8Array[] = [];
  const places = new Map<string, number>();
  const rows: Uint8Array[] = [];
  for (const signal of signals) {
    const { from, body } = partsOf(signal);
    let place = places.get(signal.from);
    if (place === undefined) {
      places.set(signal.from, (place = ids.length));
      ids.push(from);
    }
    rows.push(PAIR, encodePlace(place), body);
  }
  return join([
    FRAME,
    encodeValue(room),
    IDS,
    listHead(ids.length),
    ...ids,
    SIGNALS,
    listHead(signals.length),
    ...rows,
  ]);
}

function partsOf(signal: EncodableSignal): Parts {
  let known = parts.get(signal);
  if (known === undefined) {
    known = { from: encodeValue(signal.from), body: encodeBody(signal.bodyJson) };
    parts.set(signal, known);
  }
  return known;
}

const FOUR_MEMBERS = 0x84;
const FRAME = join([
  Uint8Array.of(FOUR_MEMBERS),
  ...["type", "signals", "room"].map((text) => encodeValue(text)),
]);
const IDS = encodeValue("ids");
const SIGNALS = encodeValue("signals");
/** Of the list that a signal is: who, and what. */
const PAIR = listHead(2);

const placesUsed: Uint8Array[] = [];

function encodePlace(place: number): Uint8Array {
  return (placesUsed[place] ??= encodeValue(place));
}

function listHead(length: number): Uint8Array {
  if (length < 16) return Uint8Array.of(0x90 | length);
  if (length < 65_536) return Uint8Array.of(0xdc, length >> 8, length & 255);
  return Uint8Array.of(0xdd, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
}

function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
