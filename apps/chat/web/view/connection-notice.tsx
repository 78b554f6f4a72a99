import { useLayoutEffect, useRef } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import type { RoomModel } from "../model/room-model.ts";

/** What to know of the page and its connection: that nothing is lost, how much waits, what one can do. */
export function ConnectionNotice({ model, room }: { readonly model: AppModel; readonly room: RoomModel }) {
  const sign = model.connection.sign.value;
  const outdatedBecause = model.outdatedBecause.value;
  return (
    <>
      {outdatedBecause !== null && <ReloadNotice model={model} sentence={outdatedBecause} look="notice" />}
      {sign.kind === "closed" && (
        <ReloadNotice model={model} sentence={sign.sentence} look="notice is-closed" />
      )}
      {(sign.kind === "offline" || sign.kind === "reconnecting") && (
        <AwayNotice model={model} room={room} isOffline={sign.kind === "offline"} />
      )}
    </>
  );
}

function ReloadNotice(props: { readonly model: AppModel; readonly sentence: string; readonly look: string }) {
  return (
    <div class={props.look} role="alert">
      <p>{props.sentence}</p>
      <button class="button" type="button" onClick={() => props.model.reload()}>
        Reload
      </button>
    </div>
  );
}

function AwayNotice(props: {
  readonly model: AppModel;
  readonly room: RoomModel;
  readonly isOffline: boolean;
}) {
  const { model, room, isOffline } = props;
  const waiting = room.waiting.value;
  const unkept = room.unkeptBecause.value;
  const notice = useRef<HTMLDivElement>(null);
  // It goes by itself, perhaps from under who pressed its button.
  useLayoutEffect(
    () => () => {
      const { current } = notice;
      if (current?.contains(document.activeElement) === true) current.closest("footer")?.focus();
    },
    [],
  );
  return (
    <div ref={notice} class="notice">
      <p>
        {isOffline ? "You are offline. " : "Reconnecting… "}
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
