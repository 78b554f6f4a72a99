import { signal } from "@preact/signals";

/** What the field below the talk is for just now. */
export type ComposingMode =
  /** `because` says why it is no longer what it was before. */
  | { readonly kind: "new"; readonly because?: string }
  /** It answers a message. */
  | { readonly kind: "reply"; readonly offset: number; readonly name: string; readonly text: string }
  /** It changes one's own; `text` is what that says so far, `written` what it is to say, where somebody left it at that. */
  | { readonly kind: "edit"; readonly offset: number; readonly text: string; readonly written?: string };

const NEW: ComposingMode = Object.freeze({ kind: "new" });

/** Where it is kept while the page is loaded anew. */
export const composingKey = (room: string): string => `parlor.composing:${room}`;

/** Whether one writes a new message in a room, an answer, or a change. */
export class Composing {
  readonly mode = signal<ComposingMode>(NEW);

  begin(mode: ComposingMode): void {
    this.mode.value = mode;
  }

  end(): void {
    this.mode.value = NEW;
  }
}
