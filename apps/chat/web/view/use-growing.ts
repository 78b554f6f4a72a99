import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Row } from "../model/rows.ts";

/** Rows that a list begins with, and by which it grows: more than a phone shows, and soon drawn. */
const ROWS_AT_ONCE = 20;

/**
 * The newest rows of a list that is drawn for the first time, then more above them in each frame, until it is whole:
 * the newest stand there sooner, and no task is so long that somebody waits for what they typed. Once it was whole it
 * stays so, whatever comes.
 *
 * @param isWanted all of it at once, and from now on: somebody is to be shown one of the rows, and looks at it then
 * @returns `rows` itself, where it is whole
 */
export function useGrowing(rows: readonly Row[], isWanted: boolean): readonly Row[] {
  const [count, setCount] = useState(ROWS_AT_ONCE);
  const wasWanted = useRef(false);
  wasWanted.current ||= isWanted;
  const isWhole = wasWanted.current || count >= rows.length;
  useLayoutEffect(() => {
    if (count === Infinity || rows.length === 0) return;
    // Not at once: what is set while the page is drawn is drawn in the same task.
    const timer = setTimeout(() => setCount(isWhole ? Infinity : count + ROWS_AT_ONCE));
    return () => clearTimeout(timer);
  }, [count, rows.length, isWhole]);
  return isWhole ? rows : rows.slice(-count);
}
