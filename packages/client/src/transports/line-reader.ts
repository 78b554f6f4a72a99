/**
 * Cuts bytes that come in any pieces into lines of text.
 *
 * A line ends with LF, CR or CRLF, the last also where its two bytes lie in different pieces; so do the
 * bytes of one character. What stands behind the last line break is no line yet, and never becomes one
 * if nothing follows: half a frame is no frame.
 *
 * Must not: search again what it searched, or keep more than one line's text; both would let a peer that
 * sends single bytes cost more than it sends.
 *
 * @param maxLineChars Longest line, in UTF-16 units; asked anew at every line.
 * @returns What takes a piece and gives the lines that end in it, one after the other. It throws a TypeError where the
 *   bytes are not UTF-8, a RangeError where a line is longer than allowed, and is of no use then.
 */
export function lineReader(maxLineChars: () => number): (bytes: Uint8Array) => Iterable<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let hasEndedInCr = false;
  return function* (bytes) {
    let text = decoder.decode(bytes, { stream: true });
    if (text === "") return;
    if (hasEndedInCr && text.startsWith("\n")) text = text.slice(1);
    hasEndedInCr = text.endsWith("\r");
    for (const [index, piece] of text.split(/\r\n?|\n/).entries()) {
      if (index > 0) {
        yield rest;
        rest = "";
      }
      rest += piece;
      if (rest.length > maxLineChars()) throw new RangeError("A line is longer than any frame.");
    }
  };
}
