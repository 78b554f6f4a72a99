import type { ComposingMode } from "../model/composing.ts";

/** Says that what is written answers a message or changes one, and how to leave it at that. */
export function ComposerMode({ mode, onEnd }: { readonly mode: ComposingMode; readonly onEnd: () => void }) {
  if (mode.kind === "new") return null;
  return (
    <div class="composer-mode">
      <p>
        {mode.kind === "edit" ? (
          "Changing your message"
        ) : (
          <>
            Replying to <bdi class="quote-name">{mode.name}</bdi> <bdi class="quote-text">{mode.text}</bdi>
          </>
        )}
      </p>
      <button class="button is-small" type="button" title="Escape" onClick={onEnd}>
        Cancel
      </button>
    </div>
  );
}
