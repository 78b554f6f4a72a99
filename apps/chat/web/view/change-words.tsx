import type { PendingChange } from "../model/pending-entries.ts";
import type { RoomModel } from "../model/room-model.ts";
import { RefusedWords } from "./refused-words.tsx";

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
  return <RefusedWords words={`${WHAT[what]}: ${state.sentence}`} id={id} room={room} isFault />;
}
