import type { RoomModel } from "../model/room-model.ts";

/** In the place of what could not be read: that it could not, and how to try again. */
export function FailedHistory(props: {
  readonly history: RoomModel["history"];
  readonly what: string;
  readonly again: () => void;
}) {
  const { history, what, again } = props;
  const tryAgain = (): void => {
    history.recover();
    again();
  };
  return (
    <p>
      {what} can't be read just now.{" "}
      <button class="button is-small" type="button" onClick={tryAgain}>
        Try again
      </button>
    </p>
  );
}
