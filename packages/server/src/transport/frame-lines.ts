/**
 * The frames of a request's body, one a line; blank lines are passed over.
 *
 * It reads on as it is asked: a body of a mebibyte can be a million lines, and nobody makes a list of them.
 */
export function* frameLines(body: string): Generator<string, void, undefined> {
  let from = 0;
  while (from < body.length) {
    const end = body.indexOf("\n", from);
    const to = end === -1 ? body.length : end;
    const line = body.slice(from, to);
    if (line.trim() !== "") yield line;
    from = to + 1;
  }
}
