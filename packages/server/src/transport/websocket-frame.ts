/**
 * Writes WebSocket frames as a server does: final, unmasked, uncompressed (RFC 6455, 5.2).
 *
 * A frame made here is written to any number of sockets as it is. That is what makes fan-out cheap: the
 * library that reads from the sockets would frame the same text once for each of them.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = frameFor(TEXT, length);
  frame.write(text, frame.length - length, "utf8");
  return frame;
}

/** The frame of a text in UTF-8 that lies in several places: what is before it, and the very bytes that were given. */
export function textFrameParts(parts: readonly Buffer[]): readonly Buffer[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [headOf(TEXT, length), ...parts];
}

/** The bytes are copied. */
export function binaryFrame(bytes: Uint8Array): Buffer {
  const frame = frameFor(BINARY, bytes.length);
  frame.set(bytes, frame.length - bytes.length);
  return frame;
}

/** Several texts, each in a frame of its own, in one buffer: one write to the socket. */
export function textFrames(texts: readonly string[]): Buffer {
  return texts.length === 1 ? textFrame(texts[0] as string) : Buffer.concat(texts.map(textFrame));
}

const TEXT = 0x81;
const BINARY = 0x82;

/** Memory for a frame with that much in it, its head written. */
function frameFor(kind: number, length: number): Buffer {
  return writeHead(Buffer.allocUnsafe(headBytes(length) + length), kind, length);
}

function headOf(kind: number, length: number): Buffer {
  return writeHead(Buffer.allocUnsafe(headBytes(length)), kind, length);
}

function headBytes(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

function writeHead(frame: Buffer, kind: number, length: number): Buffer {
  frame[0] = kind;
  if (length < 126) {
    frame[1] = length;
  } else if (length < 65_536) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length >>> 0, 6);
  }
  return frame;
}
