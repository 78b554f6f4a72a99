import type { PendingChange } from "../model/pending-entries.ts";
import type { RoomModel } from "../model/room-model.ts";

const WHAT: Readonly<Record<PendingChange["what"], string>> = {
  edit: "Not changed",
  delete: "Not deleted",
  reaction: "Reaction not sent",
};

/** Why what one changed about a message is not in the room, and what can be done. */
export function ChangeWords({ change, room }: { readonly change: PendingChange; readonly room: RoomModel }) {
  const { id, what, state } = change;
  if (state.kind === "held") return <p class="echo">{state.sentence} It goes out again by itself.</p>;
  if (state.kind !== "refused") return null;
  return (
    <div class="echo is-fault" role="alert">
      <p>
        {WHAT[what]}: {state.sentence}
      </p>
      <button class="button is-small" type="button" onClick={() => room.retry(id)}>
        Try again
      </button>
      <button class="button is-small" type="button" onClick={() => room.discard(id)}>
        Discard
      </button>
    </div>
  );
}
