import type { AppModel } from "../model/app-model.ts";
import type { RoomModel } from "../model/room-model.ts";

/** What to know while there is no connection: that nothing is lost, how much waits, what one can do. */
export function ConnectionNotice({ model, room }: { readonly model: AppModel; readonly room: RoomModel }) {
  const sign = model.connection.sign.value;
  if (model.isOutdated.value) {
    return (
      <div class="notice" role="alert">
        <p>
          In another tab you became somebody else. What was not sent yet still goes out as who you were; then
          reload.
        </p>
        <button class="button" type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    );
  }
  if (sign.kind === "live" || sign.kind === "connecting") return null;
  if (sign.kind === "closed") {
    return (
      <div class="notice is-closed" role="alert">
        <p>{sign.sentence}</p>
        <button class="button" type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    );
  }
  const waiting = room.waiting.value;
  const unkept = room.unkeptBecause.value;
  return (
    <div class="notice">
      <p>
        {sign.kind === "offline" ? "You are offline. " : "Reconnecting… "}
        {waiting === 0 ? "What you write is kept." : waitingWords(waiting)}
        {unkept === null || waiting === 0 ? "" : ` Keep this tab open: only it has what you wrote. ${unkept}`}
      </p>
      <button class="button" type="button" onClick={() => model.reconnect()}>
        Try now
      </button>
    </div>
  );
}

function waitingWords(count: number): string {
  return count === 1
    ? "One message waits here and goes out by itself."
    : `${count} messages wait here and go out by themselves.`;
}
