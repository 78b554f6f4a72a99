/**
 * Puts the lines of a `text/event-stream` together to events, of which only the data counts here: each
 * is one frame. Comments, and fields that nobody asked for, are passed over.
 *
 * @param maxChars Longest data of one event, in UTF-16 units.
 * @returns What takes a line and gives the data of the event that it ends; null where it ends none. It throws a
 *   RangeError where the data is longer than allowed.
 */
export function eventReader(maxChars: () => number): (line: string) => string | null {
  let data: string | null = null;
  return (line) => {
    if (line === "") {
      const ended = data;
      data = null;
      return ended;
    }
    const field = /^data(?:: ?|$)/.exec(line)?.[0];
    if (field === undefined) return null;
    const value = line.slice(field.length);
    data = data === null ? value : `${data}\n${value}`;
    if (data.length > maxChars()) throw new RangeError("An event is longer than any frame.");
    return null;
  };
}
