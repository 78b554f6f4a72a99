import type { AppModel } from "../model/app-model.ts";
import { ConnectionNotice } from "./connection-notice.tsx";
import { Composer } from "./composer.tsx";
import { Header } from "./header.tsx";
import { NameForm } from "./name-form.tsx";
import { NotARoom } from "./not-a-room.tsx";
import { Timeline } from "./timeline.tsx";

export function App({ model }: { readonly model: AppModel }) {
  const room = model.room.value;
  const route = model.route.value;
  if (room === null) {
    return <NotARoom sentence={route.kind === "not-a-room" ? route.sentence : ""} model={model} />;
  }
  const closedBecause = room.closedBecause.value;
  return (
    <>
      <Header model={model} room={room.name} />
      {closedBecause === null ? (
        <Timeline key={room.name} model={model} room={room} />
      ) : (
        <NotARoom sentence={closedBecause} model={model} room={room} />
      )}
      <footer class="foot">
        <ConnectionNotice model={model} room={room} />
        <NameForm model={model} />
        <Composer key={room.name} model={model} room={room} isShut={closedBecause !== null} />
      </footer>
      <Announcements model={model} />
    </>
  );
}

/** Heard, not seen: the list itself is no live region, for then scrolled-up history would be read out. */
function Announcements({ model }: { readonly model: AppModel }) {
  return (
    <div class="unseen" role="status" aria-live="polite">
      {model.announcer.words.value}
    </div>
  );
}
