import { useCallback, useEffect, useState } from "preact/hooks";

export interface Asked<Answer> {
  readonly answer: Answer | null;
  /** Why there is none, or no newer one. */
  readonly fault: string;
  readonly again: () => void;
}

/** Asks when it is first shown, when what is asked for changes, and again; an answer that came too late is left. */
export function useAsked<Answer>(ask: () => Promise<Answer>, of: string): Asked<Answer> {
  const [{ answer, fault, key }, setState] = useState<{
    answer: Answer | null;
    fault: string;
    key: string;
  }>({ answer: null, fault: "", key: of });
  const [times, setTimes] = useState(0);
  useEffect(() => {
    let isWanted = true;
    ask().then(
      (next) => isWanted && setState({ answer: next, fault: "", key: of }),
      (error: unknown) =>
        isWanted &&
        setState((before) => ({
          answer: before.key === of ? before.answer : null,
          fault: error instanceof Error ? error.message : String(error),
          key: of,
        })),
    );
    return () => {
      isWanted = false;
    };
  }, [of, times]);
  const again = useCallback(() => setTimes((before) => before + 1), []);
  return { answer: key === of ? answer : null, fault, again };
}
