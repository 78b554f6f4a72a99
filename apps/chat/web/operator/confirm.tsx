import { useState } from "preact/hooks";
import { Dialog } from "../view/dialog.tsx";

/** What is asked before something that can't be taken back. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly button: string;
  /** What has to be typed, where a click is too easy. */
  readonly typed?: { readonly what: string; readonly text: string };
  /** Does it; what it throws is shown. */
  readonly act: () => Promise<void>;
}

export function Confirm({
  question,
  onClose,
}: {
  readonly question: Question;
  readonly onClose: () => void;
}) {
  const { title, text, button, typed, act } = question;
  const [written, setWritten] = useState("");
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  const isMeant = typed === undefined || written === typed.text;
  const go = (event: Event): void => {
    event.preventDefault();
    if (!isMeant || isBusy) return;
    setBusy(true);
    act().then(onClose, (error: unknown) => {
      setBusy(false);
      setFault(error instanceof Error ? error.message : String(error));
    });
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="confirm" onSubmit={go}>
        <p>{text}</p>
        {typed !== undefined && (
          <label class="field">
            {typed.what}
            <input
              value={written}
              autocomplete="off"
              spellcheck={false}
              onInput={(event) => setWritten(event.currentTarget.value)}
            />
          </label>
        )}
        <p class="fault" role="alert">
          {fault}
        </p>
        <div class="dialog-buttons">
          <button class="button" type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="button is-danger" type="submit" disabled={!isMeant || isBusy}>
            {isBusy ? "…" : button}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
