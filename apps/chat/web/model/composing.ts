import { signal } from "@preact/signals";

/** What the field below the talk is for just now. */
export type ComposingMode =
  | { readonly kind: "new" }
  /** It answers a message. */
  | { readonly kind: "reply"; readonly offset: number; readonly name: string; readonly text: string }
  /** It changes one's own; `text` is what it says so far. */
  | { readonly kind: "edit"; readonly offset: number; readonly text: string };

const NEW: ComposingMode = Object.freeze({ kind: "new" });

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
