import { useEffect, useState } from "preact/hooks";
import { Loaded } from "../model/loaded.ts";

export type MarkupReader = typeof import("./marked-text.tsx");

/** How many messages are drawn anew at one time once it has come, and when the next are: each has a frame. */
const AT_ONCE = 10;
const NEXT_AFTER_MS = 30;

const reader = new Loaded(() => import("./marked-text.tsx"));
/** Those that wait for it, in the order of the page. */
const waiting = new Set<() => void>();
let isTelling = false;

/**
 * What reads markup and draws it; null where `isWanted` is false, and until it has come: then a text is shown as it was
 * written. A page full of messages is not drawn anew at once, for that takes a phone as long as somebody notices.
 */
export function useMarkupReader(isWanted: boolean): MarkupReader | null {
  const [isTold, setTold] = useState(reader.loaded !== null);
  useEffect(() => {
    if (!isWanted || isTold) return;
    const tell = (): void => setTold(true);
    waiting.add(tell);
    if (reader.loaded === null) void reader.get();
    else tellSome();
    return () => void waiting.delete(tell);
  }, [isWanted, isTold]);
  return isWanted && isTold ? reader.loaded : null;
}

reader.come.subscribe((part) => {
  if (part !== null) tellSome();
});

/** The newest first: they are in sight. */
function tellSome(): void {
  if (isTelling || waiting.size === 0) return;
  isTelling = true;
  for (const tell of [...waiting].slice(-AT_ONCE)) {
    waiting.delete(tell);
    tell();
  }
  setTimeout(() => {
    isTelling = false;
    tellSome();
  }, NEXT_AFTER_MS);
}
