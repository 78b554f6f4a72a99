import type { Suggestion } from "../model/completion.ts";

export const SUGGESTIONS_ID = "composer-suggestions";

export function suggestionId(index: number): string {
  return `${SUGGESTIONS_ID}-${index}`;
}

/** What may be meant by what was begun, above the field it is written in. */
export function Suggestions(props: {
  readonly suggestions: readonly Suggestion[];
  readonly chosen: number;
  readonly onChoose: (suggestion: Suggestion) => void;
}) {
  const { suggestions, chosen, onChoose } = props;
  if (suggestions.length === 0) return null;
  return (
    <ul class="suggestions" id={SUGGESTIONS_ID} role="listbox" aria-label="Suggestions">
      {suggestions.map((suggestion, index) => (
        <li
          key={suggestion.key}
          id={suggestionId(index)}
          role="option"
          aria-selected={index === chosen}
          // Before the field loses the focus.
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(suggestion);
          }}
        >
          <bdi>{suggestion.label}</bdi> <span class="tag">{suggestion.sign}</span>
        </li>
      ))}
    </ul>
  );
}
