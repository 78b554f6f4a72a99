import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { emojiTable } from "./emoji-table.ts";

/** Those that are used most, with their names. */
const USUAL = [
  ["👍", "+1"],
  ["❤️", "heart"],
  ["😂", "joy"],
  ["🎉", "tada"],
  ["😮", "open_mouth"],
  ["😢", "cry"],
  ["👀", "eyes"],
  ["✅", "white_check_mark"],
] as const;
const MAX_FOUND = 24;
/** Kept free between the picker and the edge of the page, in px. */
const EDGE_PX = 8;

/** Chooses an emoji: one of the usual ones, or any by its name. */
export function ReactionPicker(props: {
  readonly onPick: (emoji: string, from: HTMLElement) => void;
  readonly onClose: () => void;
}) {
  const { onPick, onClose } = props;
  const picker = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState("");
  const table = typed === "" ? null : emojiTable.value;
  const shown =
    typed === ""
      ? USUAL.map(([emoji, name]) => ({ emoji, name }))
      : (table?.findEmoji(typed.replaceAll(":", "").replaceAll(" ", "_"), MAX_FOUND) ?? []);
  useLayoutEffect(() => {
    const element = picker.current;
    const anchor = element?.parentElement;
    if (element === null || anchor === null || anchor === undefined) return;
    // In the top layer: a message clips what would reach out of it.
    element.showPopover();
    const { left, right, bottom, top } = anchor.getBoundingClientRect();
    const { width, height } = element.getBoundingClientRect();
    const below = bottom + height + EDGE_PX <= innerHeight ? bottom : Math.max(EDGE_PX, top - height);
    element.style.insetBlockStart = `${below}px`;
    // By sides and not by the direction of the writing: so the boxes are measured.
    const wanted = getComputedStyle(element).direction === "rtl" ? left : right - width;
    element.style.left = `${Math.max(EDGE_PX, Math.min(wanted, innerWidth - EDGE_PX - width))}px`;
    element.querySelector("input")?.focus();
  }, []);
  return (
    <div
      ref={picker}
      class="picker"
      popover="auto"
      role="dialog"
      aria-label="Choose a reaction"
      onToggle={(event) => event.newState === "closed" && onClose()}
    >
      <input
        class="picker-name"
        type="text"
        placeholder="Find an emoji"
        aria-label="Find an emoji by its name"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          const first = shown[0];
          if (event.key !== "Enter" || first === undefined || typed === "") return;
          event.preventDefault();
          onPick(first.emoji, event.currentTarget);
        }}
      />
      <div class="picker-emoji">
        {shown.map(({ emoji, name }) => (
          <button
            key={emoji}
            type="button"
            title={`:${name}:`}
            aria-label={name}
            onClick={(event) => onPick(emoji, event.currentTarget)}
          >
            {emoji}
          </button>
        ))}
        {typed !== "" && table !== null && shown.length === 0 && <p class="hint">No emoji of that name.</p>}
      </div>
    </div>
  );
}
