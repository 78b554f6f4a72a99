import type { AppModel } from "../model/app-model.ts";
import { FIRST_ROOM } from "../model/route.ts";
import { Logo } from "./icons.tsx";

/** Says kindly why there is no room here, and leads to one. */
export function NotARoom(props: {
  readonly sentence: string;
  readonly model: AppModel;
  /** Within a room's page, whose header stays. */
  readonly isInside?: boolean;
}) {
  const { sentence, model, isInside = false } = props;
  const Title = isInside ? "h2" : "h1";
  const goHome = (event: Event): void => {
    event.preventDefault();
    model.goToRoom(FIRST_ROOM);
  };
  return (
    <main class={`still ${isInside ? "" : "is-whole"}`}>
      <Logo />
      <Title>This door leads nowhere</Title>
      <p>{sentence}</p>
      <a class="button is-main" href={model.roomAddress(FIRST_ROOM)} onClick={goHome}>
        Go to the lobby
      </a>
    </main>
  );
}
