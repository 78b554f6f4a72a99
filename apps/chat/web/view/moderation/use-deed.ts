import { useRef, useState } from "preact/hooks";
import { errorWords } from "../../model/moderation/words.ts";

export interface Deed {
  /** Why the last one failed, in words; null where it did not. */
  readonly fault: string | null;
  readonly isUnderWay: boolean;
  /** Does something that may fail, behind what is under way, and calls `then` where it did not fail. */
  do(deed: () => Promise<unknown>, then?: () => void): void;
}

/** What a dialog does at the server, one thing after the other, with the server's words where it is refused. */
export function useDeed(): Deed {
  const [fault, setFault] = useState<string | null>(null);
  const [count, setCount] = useState(0);
  const last = useRef(Promise.resolve());
  const run = async (deed: () => Promise<unknown>, then?: () => void): Promise<void> => {
    setFault(null);
    try {
      await deed();
      then?.();
    } catch (error) {
      setFault(errorWords(error));
    } finally {
      setCount((before) => before - 1);
    }
  };
  return {
    fault,
    isUnderWay: count > 0,
    do: (deed, then) => {
      setCount((before) => before + 1);
      last.current = last.current.then(() => run(deed, then));
    },
  };
}
