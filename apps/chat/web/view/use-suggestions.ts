import { useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import {
  callable,
  completed,
  MAX_SUGGESTIONS,
  unfinished,
  type Suggestion,
  type Unfinished,
} from "../model/completion.ts";
import { callablePeople } from "../model/callable-people.ts";
import type { RoomModel } from "../model/room-model.ts";
import { emojiTable } from "./emoji-table.ts";

/** What the field tells of itself, so that something can be suggested. */
export interface Completing {
  /** Looks again at what stands before the caret. */
  look(field: HTMLTextAreaElement): void;
  close(): void;
  /** Whether the key was meant for the list. */
  take(event: KeyboardEvent, field: HTMLTextAreaElement): boolean;
}

export interface OpenSuggestions extends Completing {
  readonly list: readonly Suggestion[];
  readonly chosen: number;
  choose(field: HTMLTextAreaElement, suggestion: Suggestion): void;
}

/** Completes names behind `@` and emoji behind `:`. */
export function useSuggestions(
  model: AppModel,
  room: RoomModel,
  change: (text: string) => void,
): OpenSuggestions {
  const [begun, setBegun] = useState<Unfinished | null>(null);
  const [chosen, setChosen] = useState(0);
  const list = begun === null ? [] : suggest(begun, model, room);
  const close = (): void => {
    setBegun(null);
    setChosen(0);
  };
  const choose = (field: HTMLTextAreaElement, suggestion: Suggestion): void => {
    const now = unfinished(field.value, field.selectionEnd);
    if (now === null) return;
    const { text, caret } = completed(field.value, field.selectionEnd, now, suggestion.text);
    // Set here, too, or the caret would have to wait for the next drawing.
    field.value = text;
    field.setSelectionRange(caret, caret);
    change(text);
    close();
  };
  return {
    list,
    chosen: Math.min(chosen, list.length - 1),
    close,
    choose,
    look: (field) => {
      const found =
        field.selectionStart === field.selectionEnd ? unfinished(field.value, field.selectionEnd) : null;
      setBegun(found);
      setChosen(0);
    },
    take: (event, field) => {
      if (list.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return false;
      // What was typed since the list was drawn may have ended it.
      if (unfinished(field.value, field.selectionEnd)?.at !== begun?.at) return false;
      const suggestion = list[Math.min(chosen, list.length - 1)];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step !== undefined) setChosen((chosen + step + list.length) % list.length);
      else if (event.key === "Escape") close();
      else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && suggestion !== undefined)
        choose(field, suggestion);
      else return false;
      event.preventDefault();
      // Nobody else's: an Escape for the list must not also leave what the field is for.
      event.stopPropagation();
      return true;
    },
  };
}

function suggest({ kind, typed }: Unfinished, model: AppModel, room: RoomModel): readonly Suggestion[] {
  if (kind === "mention") return callable(callablePeople(model, room), typed);
  const found = emojiTable.value?.findEmoji(typed, MAX_SUGGESTIONS) ?? [];
  return found.map(({ emoji, name }) => ({ key: emoji, label: `:${name}:`, sign: emoji, text: `${emoji} ` }));
}
