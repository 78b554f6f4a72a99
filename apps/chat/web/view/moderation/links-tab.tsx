import { systemClock } from "@parlor/base";
import type { LinkShown, Right } from "@parlor/moderation/shapes";
import { useEffect, useRef, useState } from "preact/hooks";
import type { AppModel } from "../../model/app-model.ts";
import { EXPIRIES, RIGHT_WORDS, untilWords } from "../../model/moderation/words.ts";
import { linkAddress } from "../../model/moderation/follow.ts";
import type { RoomModeration } from "../../model/moderation/room-moderation.ts";
import type { RoomModel } from "../../model/room-model.ts";
import { CopyLink } from "../copy-link.tsx";
import { QrCode } from "../qr-code.tsx";
import { SpanChoice } from "./span-choice.tsx";
import { useDeed } from "./use-deed.ts";

const GIVES: Readonly<Record<Right, string>> = {
  owner: "Owns the room.",
  moderator: "Pins, removes, mutes and bans, decides on reports, and hands out poster and reader links.",
  poster: "Writes here, also when the room is read-only or link-only, and may let readers in.",
  reader: "Reads here, also when the room is link-only.",
};
/** A week: long enough to be opened, short enough to be forgotten safely. */
const DEFAULT_EXPIRY = 2;
const MAX_LABEL = 60;

interface Props {
  readonly model: AppModel;
  readonly room: RoomModel;
  readonly moderation: RoomModeration;
}

/** Hands out links, and shows those that were: each with what it allows, and how to take it back. */
export function LinksTab({ model, room, moderation }: Props) {
  const deed = useDeed();
  const [right, setRight] = useState<Right>("poster");
  const [expiry, setExpiry] = useState(DEFAULT_EXPIRY);
  const [made, setMade] = useState<LinkShown | null>(null);
  const label = useRef<HTMLInputElement>(null);
  useEffect(() => {
    deed.do(() => moderation.readLinks());
  }, [moderation]);
  const rights: readonly Right[] = moderation.isOwner.value
    ? ["moderator", "poster", "reader"]
    : ["poster", "reader"];
  const make = (event: Event): void => {
    event.preventDefault();
    const act = {
      kind: "link",
      right,
      forMs: EXPIRIES[expiry]?.ms ?? null,
      label: label.current?.value.trim() ?? "",
    } as const;
    deed.do(async () => {
      const { link } = await moderation.act(act);
      setMade(link ?? null);
      await moderation.readLinks();
    });
  };
  const links = moderation.links.value?.filter((link) => link.right !== "owner") ?? null;
  return (
    <>
      <form class="rules-form" onSubmit={make}>
        <fieldset class="choices">
          <legend>Hand out a link for a</legend>
          {rights.map((each) => (
            <label class="choice" key={each}>
              <input type="radio" name="right" checked={right === each} onChange={() => setRight(each)} />
              <span>
                <b>{RIGHT_WORDS[each]}</b> <span class="hint">{GIVES[each]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <div class="you-form">
          <label class="field">
            <span>Whom it is for (only moderators see it)</span>
            <input ref={label} maxLength={MAX_LABEL} autocomplete="off" />
          </label>
          <SpanChoice label="Ends after" spans={EXPIRIES} index={expiry} onIndex={setExpiry} />
        </div>
        <div class="dialog-buttons">
          <button class="button is-main" type="submit" disabled={deed.isUnderWay}>
            Make the link
          </button>
        </div>
      </form>
      {made !== null && (
        <div class="key-shown" role="status">
          <QrCode
            key={made.id}
            text={linkAddress(model, room.name, made.token)}
            label="The link as a code for a camera"
          />
          <div class="key-words">
            <p>
              <b>{RIGHT_WORDS[made.right]}</b> <span class="hint">{GIVES[made.right]}</span>
            </p>
            <CopyLink
              address={linkAddress(model, room.name, made.token)}
              what="give somebody this right"
              isWide
              failure="It can't be copied here"
            />
          </div>
        </div>
      )}
      <p class="fault" role="alert">
        {deed.fault}
      </p>
      <section>
        <h3>Handed out</h3>
        {links === null ? (
          <p class="hint">Looking…</p>
        ) : links.length === 0 ? (
          <p class="hint">None yet.</p>
        ) : (
          <ul class="rule-list">
            {links.map((link) => (
              <li key={link.id} class={link.revoked ? "is-over" : ""}>
                <div>
                  <b>{RIGHT_WORDS[link.right]}</b> {link.label !== "" && <bdi>{link.label}</bdi>}
                  <p class="hint">{linkWords(link)}</p>
                </div>
                {isValid(link) && (
                  <span class="name-buttons">
                    <CopyLink
                      address={linkAddress(model, room.name, link.token)}
                      what={`let in a ${link.right}`}
                      failure="It can't be copied here"
                    />
                    <button
                      class="button is-small is-care"
                      type="button"
                      disabled={deed.isUnderWay}
                      onClick={() => {
                        if (made?.id === link.id) setMade(null);
                        deed.do(() => moderation.act({ kind: "revoke", link: link.id }));
                      }}
                    >
                      Take back
                    </button>
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function isValid({ revoked, expiresAt }: LinkShown): boolean {
  return !revoked && (expiresAt === null || expiresAt > systemClock.now());
}

function linkWords(link: LinkShown): string {
  const { holders, revoked, expiresAt } = link;
  const used = holders === 0 ? "not used yet" : `used by ${holders}`;
  if (revoked) return "Taken back";
  if (!isValid(link)) return `Has ended, ${used}`;
  return `Valid${expiresAt === null ? "" : untilWords(expiresAt, systemClock.now())}, ${used}`;
}
