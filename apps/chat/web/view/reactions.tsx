import { useState } from "preact/hooks";
import type { Reaction } from "../model/fold.ts";
import type { RoomModel } from "../model/room-model.ts";
import { GUEST } from "../model/display-name.ts";
import { identityMark } from "../model/identity-mark.ts";

/** Kinds shown until somebody asks for all, and people named of each: strangers decide how many there are. */
const MAX_KINDS = 24;
const MAX_NAMED = 12;

/** What people think of a message; one's own can be taken back. */
export function Reactions(props: {
  readonly reactions: readonly Reaction[];
  readonly offset: number;
  readonly identity: string | null;
  readonly room: RoomModel;
  readonly name: string;
}) {
  const { reactions, identity } = props;
  const [max, setMax] = useState(MAX_KINDS);
  if (reactions.length === 0) return null;
  const isMine = ({ by }: Reaction): boolean => by.some(({ from }) => from === identity);
  // One's own are always there, to be taken back.
  const shown = reactions.filter((reaction, index) => index < max || isMine(reaction));
  const others = reactions.length - shown.length;
  return (
    <div class="reactions" role="group" aria-label="Reactions">
      {shown.map((reaction) => {
        const { emoji, by } = reaction;
        const isOn = isMine(reaction);
        return (
          <button
            key={emoji}
            class="reaction"
            type="button"
            aria-pressed={isOn}
            aria-label={`${emoji} ${by.length}: ${names(by)}`}
            title={names(by)}
            onClick={() => react(props, emoji, !isOn)}
          >
            <span aria-hidden="true">{emoji}</span>
            <span aria-hidden="true">{by.length}</span>
          </button>
        );
      })}
      {others > 0 && (
        <button
          class="reaction"
          type="button"
          aria-label={`+${others} more reactions`}
          onClick={(event) => {
            // It is about to be gone.
            (event.currentTarget.previousElementSibling as HTMLElement).focus();
            setMax(Infinity);
          }}
        >
          +{others}
        </button>
      )}
    </div>
  );
}

/** Adds one's reaction, or takes it back. */
export function react(
  { room, offset, name }: { readonly room: RoomModel; readonly offset: number; readonly name: string },
  emoji: string,
  isOn: boolean,
): void {
  room.tell(offset, isOn ? { react: emoji, name } : { unreact: emoji });
}

function names(by: Reaction["by"]): string {
  const named = by.slice(0, MAX_NAMED).map(({ from, name }) => `${name ?? GUEST} ${identityMark(from).tag}`);
  const others = by.length - named.length;
  return others > 0 ? `${named.join(", ")} and ${others} more` : named.join(", ");
}
