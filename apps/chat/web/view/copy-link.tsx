import { useEffect, useState } from "preact/hooks";
import { DoneIcon, LinkIcon } from "./icons.tsx";

/** How long the outcome stays in sight, in ms. */
const SHOWN_MS = 2_500;

type Outcome = "none" | "copied" | "failed";

const WORDS: Readonly<Record<Outcome, string>> = {
  none: "Copy link",
  copied: "Link copied",
  failed: "Copy it from the address bar",
};

export function CopyLink({
  address,
  isWide = false,
}: {
  readonly address: string;
  readonly isWide?: boolean;
}) {
  const [outcome, setOutcome] = useState<Outcome>("none");
  useEffect(() => {
    if (outcome === "none") return;
    const timer = setTimeout(() => setOutcome("none"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    void copyText(address).then((isCopied) => setOutcome(isCopied ? "copied" : "failed"));
  };
  const isQuiet = outcome === "none" && !isWide;
  return (
    <button
      class={`button copy-link is-${outcome}`}
      type="button"
      title="Copy the link to this room"
      onClick={copy}
    >
      {outcome === "copied" ? <DoneIcon /> : <LinkIcon />}
      <span class={isQuiet ? "unseen" : ""} aria-live="polite">
        {WORDS[outcome]}
      </span>
    </button>
  );
}

/** Copies in every way there is: on plain http a page has no clipboard, but it may still copy a selection. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(text);
  }
}

function copySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
