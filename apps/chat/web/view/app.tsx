import type { ComponentProps } from "preact";
import { useEffect } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { ConnectionNotice } from "./connection-notice.tsx";
import { Composer } from "./composer.tsx";
import { Header } from "./header.tsx";
import { dialogs, loadLaterParts, moderationSigns, stills, typingLine } from "./later-parts.ts";
import { NameForm } from "./name-form.tsx";
import type { NotARoom } from "./not-a-room.tsx";
import { Panel } from "./panel.tsx";
import { PeoplePanel } from "./people-panel.tsx";
import { RoomsPanel } from "./rooms-panel.tsx";
import { Timeline } from "./timeline.tsx";
import { useKeys } from "./use-keys.ts";
import { useLayout } from "./use-layout.ts";

/** When is loaded what nobody asked for yet, ms behind the newest messages: the page is still online, mostly. */
const LOAD_LATER_PARTS_AFTER_MS = 2_000;
/** Where no newest messages come it is loaded all the same. */
const LOAD_WITHOUT_A_ROOM_AFTER_MS = 10_000;

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
  const room = model.room.value;
  const isStanding = room?.isStanding.value === true;
  const signs = moderationSigns.drawn;
  useEffect(() => {
    // Behind what the person came for.
    if (isStanding) for (const part of [typingLine, moderationSigns]) void part.get();
    if (room !== null) signs?.followModeration(room, model);
  }, [model, room, signs, isStanding]);
  useEffect(() => {
    const afterMs = isStanding ? LOAD_LATER_PARTS_AFTER_MS : LOAD_WITHOUT_A_ROOM_AFTER_MS;
    const timer = setTimeout(() => loadLaterParts(model.basePath), afterMs);
    return () => clearTimeout(timer);
  }, [model, isStanding]);
  const part = model.dialog.value === null ? null : dialogs.value;
  return part === null ? null : <part.Dialogs model={model} />;
}

function Talk({ model }: { readonly model: AppModel }) {
  const room = model.room.value;
  const route = model.route.value;
  if (room === null) {
    const sentence = route.kind === "not-a-room" ? route.sentence : "";
    return <Nowhere sentence={sentence} model={model} room={null} />;
  }
  const closedBecause = room.closedBecause.value;
  const signs = moderationSigns.drawn;
  const typing = typingLine.drawn;
  const shutBecause = closedBecause ?? room.moderation.value?.shutBecause.value;
  return (
    <>
      {closedBecause === null ? (
        <Timeline key={room.name} model={model} room={room} />
      ) : (
        <Nowhere sentence={closedBecause} model={model} room={room} />
      )}
      <footer class="foot" data-region tabIndex={-1} aria-label="Write">
        <ConnectionNotice model={model} room={room} />
        <NameForm model={model} />
        {signs !== null && <signs.Rules key={room.name} model={model} room={room} />}
        {/* There always, so that nothing moves when they begin and end. */}
        <p class="typing">{typing && <typing.TypingLine room={room} model={model} />}</p>
        <Composer key={room.name} model={model} room={room} isShut={typeof shutBecause === "string"} />
      </footer>
    </>
  );
}

function Nowhere(props: ComponentProps<typeof NotARoom>) {
  const part = stills.value;
  return part === null ? <main class="still" /> : <part.NotARoom {...props} />;
}

/** Heard, not seen: the list itself is no live region, for then scrolled-up history would be read out. */
function Announcements({ model }: { readonly model: AppModel }) {
  return (
    <div class="unseen" role="status" aria-live="polite">
      {model.announcer.words.value}
    </div>
  );
}
