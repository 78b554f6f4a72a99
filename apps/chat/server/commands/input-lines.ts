import { CodedError } from "@parlor/base";

/** As long as the largest body that any server takes. */
const MAX_LINE_BYTES = 16_777_216;

export interface InputLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * The lines of an input, each without its end. Of the input no more is held than one line and what was
 * read with it.
 *
 * @throws {CodedError} `bad-input`: a line is too long or no UTF-8; it names the line.
 */
export async function* inputLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<InputLine> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  const add = (part: Uint8Array): void => {
    length += part.length;
    if (length > MAX_LINE_BYTES)
      throw new CodedError("bad-input", `line ${number} is longer than ${MAX_LINE_BYTES} bytes`);
    parts.push(part);
  };
  const take = (): InputLine => {
    let text: string;
    try {
      text = decoder.decode(Buffer.concat(parts));
    } catch (error) {
      throw new CodedError("bad-input", `line ${number} is no UTF-8`, { cause: error });
    }
    [parts, length] = [[], 0];
    return { number: number++, text: text.replace(/\r$/, "") };
  };
  for await (const chunk of input) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end));
      yield take();
      from = end + 1;
    }
    if (from < chunk.length) add(chunk.subarray(from));
  }
  if (length > 0) yield take();
}

const NEWLINE = 0x0a;
