import { useState } from "preact/hooks";
import type { AppModel } from "../../model/app-model.ts";
import { MODE_WORDS, RIGHT_WORDS } from "../../model/moderation/words.ts";
import { linkAddress } from "../../model/moderation/follow.ts";
import type { RoomModeration } from "../../model/moderation/room-moderation.ts";
import { roomLabel } from "../../model/room-label.ts";
import type { RoomModel } from "../../model/room-model.ts";
import { CopyLink } from "../copy-link.tsx";
import { Dialog } from "../dialog.tsx";
import { QrCode } from "../qr-code.tsx";
import { LinksTab } from "./links-tab.tsx";
import { PeopleTab } from "./people-tab.tsx";
import { QueueTab } from "./queue-tab.tsx";
import { RulesTab } from "./rules-tab.tsx";

const TABS = ["Rules", "Links", "Reports", "People"] as const;
type Tab = (typeof TABS)[number];

/** The room as it is moderated: for everybody what holds here, for who may the ways to change it. */
export function RoomDialog(props: {
  readonly model: AppModel;
  readonly room: RoomModel;
  readonly onClose: () => void;
}) {
  const { model, room, onClose } = props;
  const moderation = room.moderation.value;
  const standing = moderation?.standing.value ?? null;
  const waits = standing === null ? 0 : standing.openReports + standing.held;
  const [tab, setTab] = useState<Tab>(waits > 0 ? "Reports" : "Rules");
  if (moderation === null || standing === null) {
    return (
      <Dialog title={roomLabel(room.name)} onClose={onClose}>
        <p>How this room is moderated shows once there is a connection.</p>
      </Dialog>
    );
  }
  const tabs = moderation.isModerator.value ? TABS : TABS.slice(0, 1);
  return (
    <Dialog title={roomLabel(room.name)} onClose={onClose}>
      {tabs.length > 1 && (
        <div class="tabs" role="group" aria-label="Parts of this dialog">
          {tabs.map((each) => (
            <button
              key={each}
              class="button is-small"
              type="button"
              aria-pressed={tab === each}
              onClick={() => setTab(each)}
            >
              {each}
              {each === "Reports" && waits > 0 && <span class="badge is-mention">{waits}</span>}
            </button>
          ))}
        </div>
      )}
      {tab === "Rules" && (
        <>
          <p>
            {standing.right === null ? (
              "You take part here as everybody does."
            ) : (
              <>
                You are here as <b>{RIGHT_WORDS[standing.right].toLowerCase()}</b>.
              </>
            )}
          </p>
          {moderation.isModerator.value ? (
            <RulesTab moderation={moderation} standing={standing} />
          ) : (
            <p class="hint">
              {MODE_WORDS[standing.mode].hint}
              {standing.isLocked && " It is locked: only moderators write."}{" "}
              {standing.isOwned
                ? "Who made it, and whom they chose, keep it in order. Report a message to them by the flag beside it."
                : "Nobody owns this room. The server's operator sees what is reported here."}
            </p>
          )}
          {moderation.isOwner.value && <KeepLink model={model} room={room} moderation={moderation} />}
        </>
      )}
      {tab === "Links" && <LinksTab model={model} room={room} moderation={moderation} />}
      {tab === "Reports" && <QueueTab model={model} room={room} moderation={moderation} />}
      {tab === "People" && <PeopleTab model={model} room={room} moderation={moderation} />}
    </Dialog>
  );
}

/** The owner's link, shown only once it is asked for: somebody may look over a shoulder. */
function KeepLink(props: {
  readonly model: AppModel;
  readonly room: RoomModel;
  readonly moderation: RoomModeration;
}) {
  const { model, room, moderation } = props;
  const [isShown, setShown] = useState(false);
  const token = moderation.ownerLink();
  const show = (): void => {
    setShown(true);
    if (token === null) void moderation.readLinks();
  };
  return (
    <section>
      <h3>Keep this room's link</h3>
      {!isShown ? (
        <div class="deeds">
          <button class="button" type="button" onClick={show}>
            Show the link and its code
          </button>
          <span class="hint">
            It makes you the owner on another device, or after this browser forgot you.
          </span>
        </div>
      ) : token === null ? (
        <p class="hint">Looking for it…</p>
      ) : (
        <div class="key-shown">
          <QrCode text={linkAddress(model, room.name, token)} label="The owner link as a code for a camera" />
          <div class="key-words">
            <p class="care">
              Whoever has this owns the room. Give it to nobody whom you don't trust with that.
            </p>
            <CopyLink
              address={linkAddress(model, room.name, token)}
              what="own this room"
              isWide
              failure="It can't be copied here"
            />
          </div>
        </div>
      )}
    </section>
  );
}
