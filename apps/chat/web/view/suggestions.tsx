import { useLayoutEffect } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import type { RoomModel } from "../model/room-model.ts";
import { type Completing, useSuggestions } from "./use-suggestions.ts";

const LIST_ID = "composer-suggestions";

const optionId = (index: number): string => `${LIST_ID}-${index}`;

/**
 * What may be meant by what was begun, above the field it is written in. A part of its own, which comes with the first
 * sign that something could be completed behind: the field tells it of keys and words once it is there.
 */
export function Suggestions(props: {
  readonly model: AppModel;
  readonly room: RoomModel;
  readonly field: { readonly current: HTMLTextAreaElement | null };
  /** Where the field finds it. */
  readonly completing: { current: Completing | null };
  /** Takes the whole text that a choice made. */
  readonly change: (text: string) => void;
}) {
  const { model, room, field, completing, change } = props;
  const suggestions = useSuggestions(model, room, change);
  const { list, chosen } = suggestions;
  completing.current = suggestions;
  useLayoutEffect(() => {
    // Begun before this was there.
    if (field.current === document.activeElement && field.current !== null) suggestions.look(field.current);
  }, []);
  useLayoutEffect(() => {
    const marks = { "aria-controls": LIST_ID, "aria-activedescendant": optionId(chosen) };
    for (const [name, id] of Object.entries(marks)) {
      if (list.length > 0) field.current?.setAttribute(name, id);
      else field.current?.removeAttribute(name);
    }
  });
  if (list.length === 0) return null;
  return (
    <ul class="suggestions" id={LIST_ID} role="listbox" aria-label="Suggestions">
      {list.map((suggestion, index) => (
        <li
          key={suggestion.key}
          id={optionId(index)}
          role="option"
          aria-selected={index === chosen}
          // Before the field loses the focus.
          onPointerDown={(event) => {
            event.preventDefault();
            if (field.current !== null) suggestions.choose(field.current, suggestion);
          }}
        >
          <bdi>{suggestion.label}</bdi> <span class="tag">{suggestion.sign}</span>
        </li>
      ))}
    </ul>
  );
}
