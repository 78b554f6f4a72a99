import { useEffect } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { keyMeaning, type KeyMeaning } from "../model/keys.ts";
import type { Layout } from "./use-layout.ts";

/** Hears the keys that mean the same wherever the focus is. */
export function useKeys(model: AppModel, layout: Layout): void {
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const meaning = keyMeaning(event, isTyping(event.target));
      // A dialog keeps its keys: what is behind it can't be seen.
      if (meaning === null || document.querySelector("dialog[open]") !== null) return;
      if (act(meaning, model, layout)) event.preventDefault();
    };
    addEventListener("keydown", hear);
    return () => removeEventListener("keydown", hear);
  });
}

function act(meaning: KeyMeaning, model: AppModel, layout: Layout): boolean {
  switch (meaning.kind) {
    case "help":
      model.openDialog({ kind: "keys" });
      return true;
    case "find":
      model.openDialog({ kind: "find" });
      return true;
    case "search":
      // In a drawer the field is the first to take the focus by itself.
      if (layout.isRoomsBeside) document.getElementById("room-search")?.focus();
      else layout.open("rooms");
      return true;
    case "compose":
      document.getElementById("composer-text")?.focus();
      return true;
    case "region":
      return walkRegions(meaning.step);
    case "room":
      if (!model.goToNext(meaning.step, meaning.isUnread) && meaning.isUnread)
        model.announcer.say("Nothing is unread.");
      return true;
  }
}

/** Moves the focus to the next part of the page, into what it offers first to write in or to walk through. */
function walkRegions(step: 1 | -1): boolean {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")];
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + step + regions.length) % regions.length];
  if (next === undefined) return false;
  const inside = next.querySelector<HTMLElement>("textarea:enabled, [aria-current=page], [role=log]");
  (inside ?? next).focus();
  return true;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
