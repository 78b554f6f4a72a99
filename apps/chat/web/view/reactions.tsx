import type { Reaction } from "../model/fold.ts";
import type { RoomModel } from "../model/room-model.ts";
import { GUEST } from "../model/display-name.ts";
import { identityMark } from "../model/identity-mark.ts";

/** Kinds of reactions shown under one message, and people named of each: strangers decide how many there are. */
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
  if (reactions.length === 0) return null;
  return (
    <div class="reactions" role="group" aria-label="Reactions">
      {reactions.slice(0, MAX_KINDS).map(({ emoji, by }) => {
        const isOn = by.some(({ from }) => from === identity);
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
