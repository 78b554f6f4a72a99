/**
 * Finds the lines that a step speaks of. A step names them by a piece of their text, not by number, so
 * that editing chat.html can't leave a highlight on the wrong line unnoticed.
 *
 * `marks` is `piece` for one line or `first piece … last piece` for a range, several of them parted by
 * ` ;; `. Each piece must stand in exactly one line, or in one line from the range's start on.
 *
 * @param {readonly string[]} lines
 * @param {string} marks
 * @returns {ReadonlySet<number>} indexes from 0
 */
export function markedLines(lines, marks) {
  const marked = new Set();
  for (const mark of marks.split(" ;; ")) {
    if (mark === "") continue;
    const [first = "", last = first] = mark.split(" … ");
    const from = theLine(lines, first, 0);
    const to = last === first ? from : theLine(lines, last, from);
    for (let index = from; index <= to; index++) marked.add(index);
  }
  return marked;
}

/**
 * @param {readonly string[]} lines
 * @param {string} piece
 * @param {number} from
 */
function theLine(lines, piece, from) {
  const index = lines.findIndex((line, at) => at >= from && line.includes(piece));
  if (index === -1) throw new Error(`chat.html has no line with ${piece}`);
  if (lines.some((line, at) => at > index && line.includes(piece))) {
    throw new Error(`chat.html has several lines with ${piece}`);
  }
  return index;
}
