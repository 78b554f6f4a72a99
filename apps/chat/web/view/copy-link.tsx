import { useEffect, useState } from "preact/hooks";
import { copying } from "./copying.ts";
import { DoneIcon, LinkIcon } from "./icons.tsx";

/** How long the outcome stays in sight, in ms. */
const SHOWN_MS = 2_500;

type Outcome = "none" | "copied" | "failed";

function wordsOf(outcome: Outcome, failure: string): string {
  return outcome === "none" ? "Copy link" : outcome === "copied" ? "Link copied" : failure;
}

export function CopyLink(props: {
  readonly address: string;
  /** What the address leads to. @default "this room" */
  readonly what?: string;
  readonly isWide?: boolean;
  /** What to do where the browser lets nothing be copied. */
  readonly failure?: string;
}) {
  const { address, what = "this room", isWide = false, failure = "Copy it from the address bar" } = props;
  const [outcome, setOutcome] = useState<Outcome>("none");
  useEffect(() => {
    if (outcome === "none") return;
    const timer = setTimeout(() => setOutcome("none"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => {
    const part = await copying.get();
    setOutcome((await part?.copyText(address)) === true ? "copied" : "failed");
  };
  const isQuiet = outcome === "none" && !isWide;
  return (
    <button
      class={`button copy-link is-${outcome}`}
      type="button"
      title={`Copy the link to ${what}`}
      onClick={() => void copy()}
    >
      {outcome === "copied" ? <DoneIcon /> : <LinkIcon />}
      <span class={isQuiet ? "unseen" : ""} aria-live="polite">
        {wordsOf(outcome, failure)}
      </span>
    </button>
  );
}
