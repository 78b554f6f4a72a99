import type { Act } from "@parlor/moderation/shapes";
import { useState } from "preact/hooks";
import type { AppModel } from "../../model/app-model.ts";
import { nameOf } from "../../model/moderation/who.ts";
import { SPANS } from "../../model/moderation/words.ts";
import type { RoomModel } from "../../model/room-model.ts";
import { Author } from "../author.tsx";
import { Dialog } from "../dialog.tsx";
import { Quote } from "../quote.tsx";
import { SpanChoice } from "./span-choice.tsx";
import { useDeed } from "./use-deed.ts";

const DEFAULT_SPAN = 1;

/** What a moderator can do about one message, and whoever wrote it. */
export function ModerateDialog(props: {
  readonly model: AppModel;
  readonly room: RoomModel;
  readonly offset: number;
  readonly from: string;
  readonly onClose: () => void;
}) {
  const { model, room, offset, from, onClose } = props;
  const [span, setSpan] = useState(DEFAULT_SPAN);
  const [reach, setReach] = useState<"identity" | "address" | "wide">("identity");
  const deed = useDeed();
  const forMs = SPANS[span]?.ms ?? null;
  const act = (wanted: Act): void => {
    const moderation = room.moderation.peek();
    if (moderation !== null) deed.do(() => moderation.act(wanted), onClose);
  };
  const address = reach === "identity" ? false : reach === "wide" ? "wide" : true;
  const isOwn = from === model.self.value.identity;
  const button = { type: "button", disabled: deed.isUnderWay } as const;
  return (
    <Dialog title="Moderate" onClose={onClose}>
      <section>
        <h3>This message</h3>
        <Quote offset={offset} room={room} onGoTo={onClose} />
        <div class="deeds">
          <button class="button is-small is-care" {...button} onClick={() => act({ kind: "remove", offset })}>
            Remove it
          </button>
        </div>
      </section>
      {!isOwn && (
        <section>
          <h3>Who wrote it</h3>
          <div class="you-mark">
            <Author identity={from} name={nameOf(from, model, room)} isOwn={false} />
          </div>
          <SpanChoice label="For how long" spans={SPANS} index={span} onIndex={setSpan} />
          <div class="deeds">
            <button
              class="button is-small"
              {...button}
              onClick={() => act({ kind: "mute", identity: from, forMs })}
            >
              Mute
            </button>
            <span class="hint">They read on, and can't write here.</span>
          </div>
          <label class="field">
            <span>A ban reaches</span>
            <select value={reach} onChange={(event) => setReach(event.currentTarget.value as typeof reach)}>
              <option value="identity">this person alone</option>
              <option value="address">also their address</option>
              <option value="wide">also the addresses around it</option>
            </select>
          </label>
          <div class="deeds">
            <button
              class="button is-small is-care"
              {...button}
              onClick={() => act({ kind: "ban", identity: from, forMs, address })}
            >
              Ban
            </button>
            <span class="hint">{BAN_WORDS[reach]}</span>
          </div>
          <div class="deeds">
            <button
              class="button is-small is-care"
              {...button}
              onClick={() => act({ kind: "clear", identity: from })}
            >
              Erase all of theirs
            </button>
            <span class="hint">All that they wrote in this room, for good. It can't be brought back.</span>
          </div>
        </section>
      )}
      <p class="fault" role="alert">
        {deed.fault}
      </p>
    </Dialog>
  );
}

/** What it stops, and what it can't: nobody has an account here. */
const BAN_WORDS = {
  identity:
    "Stops this key in every tab, on every connection. It can't stop somebody who makes a new key: that takes them a moment.",
  address:
    "Stops new keys from the same address, too: also other people who share it, as in one household. It can't stop somebody who changes networks. Who has a link of yours may still write.",
  wide: "Stops new keys from the addresses around it as well: a street, a school, a provider's customers. It can't stop somebody who goes through another network. Who has a link of yours may still write.",
} as const;
