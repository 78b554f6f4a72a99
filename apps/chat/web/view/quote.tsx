import { GUEST } from "../model/display-name.ts";
import { identityMark } from "../model/identity-mark.ts";
import { wordsOf } from "../model/message-body.ts";
import type { RoomModel } from "../model/room-model.ts";

const MAX_CHARACTERS = 160;

/** What a reply answers: the message as it is now, in one line, and the way to it. */
export function Quote(props: {
  readonly offset: number;
  readonly room: RoomModel;
  readonly onGoTo: (offset: number) => void;
}) {
  const { offset, room } = props;
  const quoted = room.quoted(offset);
  if (typeof quoted === "string" || quoted.body.kind === "erased") {
    const words = quoted === "reading" ? "…" : "A message that is gone";
    return <p class="quote is-gone">{words}</p>;
  }
  const { body } = quoted;
  const name = (body.kind === "text" ? body.name : null) ?? GUEST;
  return (
    <button
      class="quote"
      type="button"
      title="Go to this message"
      style={{ "--hue": `${identityMark(quoted.from).hue}` }}
      onClick={() => props.onGoTo(offset)}
    >
      <span class="unseen">In reply to </span>
      <bdi class="quote-name">{name}</bdi> <bdi class="quote-text">{firstLine(wordsOf(body))}</bdi>
    </button>
  );
}

/** Without the signs of markup, which is not drawn in one line. */
export function firstLine(text: string): string {
  const line = text
    .slice(0, 4 * MAX_CHARACTERS)
    .replace(/\*\*|__|~~|`+\w*\n|`+|^[>#]+ /gmu, "")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS).toWellFormed()}…` : line;
}
