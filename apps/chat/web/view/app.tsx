import { useEffect } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { ConnectionNotice } from "./connection-notice.tsx";
import { Composer } from "./composer.tsx";
import { Header } from "./header.tsx";
import { dialogs, loadLaterParts } from "./later-parts.ts";
import { NameForm } from "./name-form.tsx";
import { NotARoom } from "./not-a-room.tsx";
import { Panel } from "./panel.tsx";
import { PeoplePanel } from "./people-panel.tsx";
import { RoomsPanel } from "./rooms-panel.tsx";
import { Timeline } from "./timeline.tsx";
import { TypingLine } from "./typing-line.tsx";
import { useKeys } from "./use-keys.ts";
import { useLayout } from "./use-layout.ts";

/** When is loaded what nobody asked for yet, ms: the page has what it needs first, and is still online. */
const LOAD_LATER_PARTS_AFTER_MS = 3_000;

/** Rooms, the talk and who is in it: side by side on a desk, the talk alone on a phone. */
export function App({ model }: { readonly model: AppModel }) {
  const layout = useLayout(model);
  const room = model.room.value;
  useKeys(model, layout);
  return (
    <>
      <Panel
        label="Rooms"
        side="start"
        isBeside={layout.isRoomsBeside}
        isOpen={layout.isRoomsOpen}
        onClose={() => layout.closeDrawers()}
      >
        <RoomsPanel model={model} onGone={() => layout.closeDrawers()} />
      </Panel>
      <div class="column">
        <Header model={model} room={room?.name ?? null} layout={layout} />
        <Talk model={model} />
      </div>
      {room !== null && (
        <Panel
          label="People"
          side="end"
          isBeside={layout.isPeopleBeside && layout.isPeopleOpen}
          isOpen={!layout.isPeopleBeside && layout.isPeopleOpen}
          onClose={() => layout.closeDrawers()}
        >
          <PeoplePanel model={model} />
        </Panel>
      )}
      <OpenDialog model={model} />
      <Announcements model={model} />
    </>
  );
}

function OpenDialog({ model }: { readonly model: AppModel }) {
  useEffect(() => {
    const timer = setTimeout(() => loadLaterParts(model.basePath), LOAD_LATER_PARTS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [model]);
  const part = model.dialog.value === null ? null : dialogs.value;
  return part === null ? null : <part.Dialogs model={model} />;
}

function Talk({ model }: { readonly model: AppModel }) {
  const room = model.room.value;
  const route = model.route.value;
  if (room === null) {
    return <NotARoom sentence={route.kind === "not-a-room" ? route.sentence : ""} model={model} />;
  }
  const closedBecause = room.closedBecause.value;
  return (
    <>
      {closedBecause === null ? (
        <Timeline key={room.name} model={model} room={room} />
      ) : (
        <NotARoom sentence={closedBecause} model={model} room={room} />
      )}
      <footer class="foot" data-region tabIndex={-1} aria-label="Write">
        <ConnectionNotice model={model} room={room} />
        <NameForm model={model} />
        <TypingLine room={room} />
        <Composer key={room.name} model={model} room={room} isShut={closedBecause !== null} />
      </footer>
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
