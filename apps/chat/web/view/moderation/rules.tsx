import { systemClock } from "@parlor/base";
import { useEffect, useState } from "preact/hooks";
import type { AppModel } from "../../model/app-model.ts";
import { spanWords } from "../../model/moderation/words.ts";
import type { RoomModeration } from "../../model/moderation/room-moderation.ts";
import { roomLabel } from "../../model/room-label.ts";
import type { RoomModel } from "../../model/room-model.ts";
import { ShieldIcon } from "../message-icons.tsx";

/** What the room's rules mean for who is about to write: above the field, in words. */
export function Rules({ model, room }: { readonly model: AppModel; readonly room: RoomModel }) {
  const moderation = room.moderation.value;
  if (moderation === null) return null;
  const shut = moderation.shutBecause.value;
  const isClosed = room.closedBecause.value !== null;
  const slowMs = moderation.standing.value?.slowMs ?? 0;
  return (
    <>
      <Outcome moderation={moderation} />
      {moderation.isNewlyOwned.value && <NewlyOwned model={model} moderation={moderation} />}
      {shut !== null && !isClosed && (
        <div class="rule is-shut" role="status">
          <ShieldIcon />
          <p>{shut}</p>
        </div>
      )}
      {shut === null && slowMs > 0 && !moderation.isModerator.value && <Slow room={room} slowMs={slowMs} />}
    </>
  );
}

/** What a moderator made of the newest message that one reported, until one puts it away. */
function Outcome({ moderation: { outcomes } }: { readonly moderation: RoomModeration }) {
  const last = outcomes.shown.value.at(-1);
  if (last === undefined) return null;
  const end = last.verdict === "remove" ? "removed it" : "looked at it and left it";
  return (
    <div class="rule" role="status">
      <ShieldIcon />
      <p>
        You reported a message in {roomLabel(last.room)}: a moderator {end}.
      </p>
      <span class="name-buttons">
        <button class="button is-small" type="button" onClick={() => outcomes.putAway()}>
          Close
        </button>
      </span>
    </div>
  );
}

/** Told once, when it happens; the link is in the room's dialog from then on. */
function NewlyOwned(props: { readonly model: AppModel; readonly moderation: RoomModeration }) {
  const { model, moderation } = props;
  const close = (): void => {
    moderation.isNewlyOwned.value = false;
  };
  return (
    <div class="rule" role="status">
      <ShieldIcon />
      <p>You made this room, so it is yours to keep in order.</p>
      <span class="name-buttons">
        <button
          class="button is-small"
          type="button"
          onClick={() => {
            close();
            model.openDialog({ kind: "room" });
          }}
        >
          Keep its link
        </button>
        <button class="button is-small" type="button" onClick={close}>
          Close
        </button>
      </span>
    </div>
  );
}

/** When one may write again. Not read out each second: only that the room is slow, and that one may. */
function Slow({ room, slowMs }: { readonly room: RoomModel; readonly slowMs: number }) {
  const leftMs = useLeftMs(room, slowMs);
  return (
    <div class="rule">
      <ShieldIcon />
      <p>
        One message every {spanWords(slowMs)}.{" "}
        {leftMs > 0 && `You may write again in ${spanWords(leftMs)}; what you send before goes out then.`}
      </p>
      <span class="unseen" role="status">
        {leftMs > 0 ? "Wait before the next message." : "You may write."}
      </span>
    </div>
  );
}

function useLeftMs(room: RoomModel, slowMs: number): number {
  const own = room.timeline.value.live?.messages.findLast(({ from }) => from === room.identity);
  const at = own?.at ?? -Infinity;
  const [now, setNow] = useState(() => systemClock.now());
  // The server's clock may be ahead of this one: nobody waits longer than it takes.
  const leftMs = Math.min(Math.max(at + slowMs - now, 0), slowMs);
  const isWaiting = at + slowMs > systemClock.now();
  useEffect(() => {
    setNow(systemClock.now());
    if (!isWaiting) return;
    const timer = setInterval(() => setNow(systemClock.now()), 1_000);
    return () => clearInterval(timer);
  }, [at, isWaiting]);
  return leftMs;
}
