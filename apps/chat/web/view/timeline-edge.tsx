import type { ComponentProps } from "preact";
import { roomLabel } from "../model/room-label.ts";
import type { RoomModel } from "../model/room-model.ts";
import type { FailedHistory } from "./failed-history.tsx";
import { stills } from "./later-parts.ts";

/** Above the oldest message shown: more is being read, that failed, or there is no more. */
export function EdgeAbove({ room }: { readonly room: RoomModel }) {
  const { history } = room;
  const { live, earliest, beganAnew } = room.timeline.value;
  // What one wrote stands there before anything of the room is known.
  if (live === null || history.hasOlder.value) {
    return (
      <div class="edge">
        {history.older.value.kind === "failed" ? (
          <Failed history={history} what="Older messages" again={() => void history.readOlder()} />
        ) : (
          <p>Reading what was said before…</p>
        )}
      </div>
    );
  }
  return (
    <div class="edge">
      <p>{beginning(room.name, earliest, beganAnew)}</p>
    </div>
  );
}

function beginning(name: string, earliest: number, beganAnew: boolean): string {
  if (beganAnew) return "This room began anew: what was said before is no longer kept.";
  if (earliest > 1) return "What was said before is no longer kept.";
  return `This is where ${roomLabel(name)} begins.`;
}

/** Below the newest message shown, while newer ones are to be read. */
export function EdgeBelow({ room }: { readonly room: RoomModel }) {
  if (room.timeline.value.past === null) return null;
  const { history } = room;
  return (
    <div class="edge">
      {history.newer.value.kind === "failed" ? (
        <Failed history={history} what="Newer messages" again={() => void history.readNewer()} />
      ) : (
        <p>Reading on…</p>
      )}
    </div>
  );
}

function Failed(props: ComponentProps<typeof FailedHistory>) {
  const part = stills.value;
  return part === null ? null : <part.FailedHistory {...props} />;
}
