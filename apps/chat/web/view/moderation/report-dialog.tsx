import type { Reason } from "@parlor/moderation/shapes";
import { useRef, useState } from "preact/hooks";
import type { AppModel } from "../../model/app-model.ts";
import type { RoomModel } from "../../model/room-model.ts";
import { Dialog } from "../dialog.tsx";
import { Quote } from "../quote.tsx";
import { useDeed } from "./use-deed.ts";

const REASONS: readonly { readonly reason: Reason; readonly label: string }[] = [
  { reason: "spam", label: "Spam or advertising" },
  { reason: "abuse", label: "It attacks somebody" },
  { reason: "illegal", label: "It seems to be against the law" },
  { reason: "other", label: "Something else" },
];
const MAX_WORDS = 500;

/** Tells a room's moderators of a message. Nobody else learns who did. */
export function ReportDialog(props: {
  readonly model: AppModel;
  readonly room: RoomModel;
  readonly offset: number;
  readonly from: string;
  readonly onClose: () => void;
}) {
  const { room, offset, onClose } = props;
  const [reason, setReason] = useState<Reason>("spam");
  const [isSent, setSent] = useState(false);
  const words = useRef<HTMLTextAreaElement>(null);
  const deed = useDeed();
  const send = (event: Event): void => {
    event.preventDefault();
    const moderation = room.moderation.peek();
    if (moderation === null) return;
    deed.do(
      () => moderation.report(offset, reason, words.current?.value.trim() ?? ""),
      () => setSent(true),
    );
  };
  if (isSent) {
    return (
      <Dialog title="Reported" onClose={onClose}>
        <p role="status">The moderators of this room see it with what was said around it, and decide.</p>
        <div class="dialog-buttons">
          <button class="button is-main" type="button" ref={(button) => button?.focus()} onClick={onClose}>
            Close
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Report this message" onClose={onClose}>
      <Quote offset={offset} room={room} onGoTo={onClose} />
      <form class="rules-form" onSubmit={send}>
        <fieldset class="choices">
          <legend>Why?</legend>
          {REASONS.map((each) => (
            <label class="choice" key={each.reason}>
              <input
                type="radio"
                name="reason"
                checked={reason === each.reason}
                onChange={() => setReason(each.reason)}
              />
              {each.label}
            </label>
          ))}
        </fieldset>
        <label class="field">
          <span>Anything to add? (not needed)</span>
          <textarea ref={words} rows={2} maxLength={MAX_WORDS} />
        </label>
        <p class="hint">Moderators see your tag with it. Nobody else does.</p>
        <p class="fault" role="alert">
          {deed.fault}
        </p>
        <div class="dialog-buttons">
          <button class="button" type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="button is-main" type="submit" disabled={deed.isUnderWay}>
            Report
          </button>
        </div>
      </form>
    </Dialog>
  );
}
