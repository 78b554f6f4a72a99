/**
 * A WebSocket text frame as a client sends it (RFC 6455, 5.2). The masking key is zero, which is a key
 * like any other to the server that unmasks, and saves the load generator the work of masking.
 */
export function clientTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerBytes = length < 126 ? 6 : length < 65_536 ? 8 : 14;
  const frame = Buffer.alloc(headerBytes + length);
  frame[0] = 0x81;
  if (headerBytes === 6) {
    frame[1] = 0x80 | length;
  } else if (headerBytes === 8) {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 0x80 | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerBytes, "utf8");
  return frame;
}
