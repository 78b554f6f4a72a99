import { useLayoutEffect, useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { canEdit, type RoomModel } from "../model/room-model.ts";
import type { MessageRow } from "../model/rows.ts";
import { beginEdit, beginReply } from "./begin-composing.ts";
import { copyText } from "./copy-text.ts";
import { DoneIcon, LinkIcon, PencilIcon } from "./icons.tsx";
import { BinIcon, FlagIcon, PinIcon, ReplyIcon, ShieldIcon, SmileIcon } from "./message-icons.tsx";
import { ReactionPicker } from "./reaction-picker.tsx";
import { react } from "./reactions.tsx";

export { beginEdit } from "./begin-composing.ts";
export { ComposerMode } from "./composer-mode.tsx";
export { resumeComposing } from "./kept-composing.ts";
export { ListKeys } from "./list-keys.ts";

interface Props {
  readonly row: MessageRow;
  readonly room: RoomModel;
  readonly model: AppModel;
  /** Whoever pressed a key before it was known whether they may is told that now it is. */
  readonly onReady: () => void;
}

/** What can be done with a message: shown while it is pointed at, or has the focus. */
export function MessageActions({ row, room, model, onReady }: Props) {
  const [asked, setAsked] = useState<"nothing" | "reaction" | "deletion">("nothing");
  const { offset, body } = row;
  if (offset === null || body.kind === "erased") return null;
  if (asked === "deletion") {
    return (
      <div class="actions" role="group" aria-label="Delete this message?">
        <span class="actions-words">Delete it?</span>
        <button
          class="button is-small is-care"
          type="button"
          ref={(button) => button?.focus()}
          onClick={(event) => {
            focusRow(event.currentTarget);
            room.tell(offset, { delete: true });
          }}
        >
          Delete
        </button>
        <button
          class="button is-small"
          type="button"
          onClick={(event) => {
            focusRow(event.currentTarget);
            setAsked("nothing");
          }}
        >
          Keep
        </button>
      </div>
    );
  }
  return (
    <div class="actions" role="group" aria-label="Message actions">
      <Action
        label="React"
        keys="+"
        isOpen={asked === "reaction"}
        act={() => setAsked(asked === "reaction" ? "nothing" : "reaction")}
      >
        <SmileIcon />
      </Action>
      <Action label="Reply" keys="r" act={() => beginReply(row, room)}>
        <ReplyIcon />
      </Action>
      <CopyMessageLink address={model.messageAddress(room.name, offset)} />
      {canEdit(row) && (
        <Action label="Edit" keys="e" act={() => beginEdit(row, room)}>
          <PencilIcon />
        </Action>
      )}
      {row.isOwn && (
        <Action label="Delete" keys="Delete" act={() => setAsked("deletion")}>
          <BinIcon />
        </Action>
      )}
      <Moderating row={row} offset={offset} room={room} model={model} onReady={onReady} />
      {asked === "reaction" && (
        <ReactionPicker
          onPick={(emoji, picker) => {
            focusRow(picker);
            react({ room, offset, name: model.name }, emoji, true);
            setAsked("nothing");
          }}
          onClose={() => setAsked("nothing")}
        />
      )}
    </div>
  );
}

/** Anybody may report what others wrote; moderators do something about it. */
function Moderating({ row, offset, room, model, onReady }: Props & { readonly offset: number }) {
  const moderation = room.moderation.value;
  const standing = moderation?.standing.value ?? null;
  const isKnown = standing !== null;
  useLayoutEffect(() => {
    if (isKnown) onReady();
  }, [isKnown, onReady]);
  if (moderation === null || standing === null || row.from === null) return null;
  const { from } = row;
  const isPinned = standing.pins.includes(offset);
  const pin = (): void => {
    moderation
      .act({ kind: isPinned ? "unpin" : "pin", offset })
      .catch((error: unknown) => model.announcer.say(error instanceof Error ? error.message : "It failed."));
  };
  return (
    <>
      {moderation.isModerator.value && (
        <>
          <Action label={isPinned ? "Unpin" : "Pin"} keys="p" act={pin}>
            <PinIcon />
          </Action>
          <Action label="Moderate" keys="m" act={() => model.openDialog({ kind: "moderate", offset, from })}>
            <ShieldIcon />
          </Action>
        </>
      )}
      {!row.isOwn && (
        <Action label="Report" keys="!" act={() => model.openDialog({ kind: "report", offset, from })}>
          <FlagIcon />
        </Action>
      )}
    </>
  );
}

/** Copies the address at which the room opens at this message. */
function CopyMessageLink({ address }: { readonly address: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    void copyText(address).then(setCopied);
  };
  return (
    <>
      <Action label="Copy link" keys="l" act={copy}>
        {isCopied ? <DoneIcon /> : <LinkIcon />}
      </Action>
      <span class="unseen" role="status">
        {isCopied ? "Link copied" : ""}
      </span>
    </>
  );
}

function Action(props: {
  readonly label: string;
  readonly keys: string;
  readonly isOpen?: boolean;
  readonly act: () => void;
  readonly children: preact.ComponentChildren;
}) {
  const { label, keys, isOpen, act, children } = props;
  return (
    <button
      class="action"
      type="button"
      title={`${label} (${keys})`}
      aria-label={label}
      aria-expanded={isOpen}
      onClick={act}
    >
      {children}
    </button>
  );
}

/** Whether a key is for what the page does not know yet whether one may. */
export function isEarly(key: string, room: RoomModel): boolean {
  return /^[pm!]$/i.test(key) && (room.moderation.peek()?.standing.peek() ?? null) === null;
}

/** The same by keyboard, for a message that has the focus itself. Whether the key meant something. */
export function actByKey(key: string, row: MessageRow, room: RoomModel, host: HTMLElement): boolean {
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case "r":
      beginReply(row, room);
      return true;
    case "e":
      beginEdit(row, room);
      return canEdit(row);
    case "+":
      return press(host, "React");
    case "l":
      return press(host, "Copy link");
    case "Delete":
      return press(host, "Delete");
    case "p":
      return press(host, "Pin") || press(host, "Unpin");
    case "m":
      return press(host, "Moderate");
    case "!":
      return press(host, "Report");
    default:
      return false;
  }
}

/** Where the focus goes from what is about to be gone. */
function focusRow(within: HTMLElement): void {
  within.closest<HTMLElement>(".message")?.focus({ preventScroll: true });
}

function press(host: HTMLElement, label: string): boolean {
  const button = host.querySelector<HTMLButtonElement>(`.action[aria-label="${label}"]`);
  button?.click();
  return button !== null;
}
