import { systemClock } from "@parlor/base";
import type { JsonObject, Message } from "@parlor/protocol";
import type { ComponentChildren } from "preact";
import { actOf } from "../../model/acts.ts";
import type { AppModel } from "../../model/app-model.ts";
import { nameOf } from "../../model/moderation/who.ts";
import { MODE_WORDS, spanWords, untilWords } from "../../model/moderation/words.ts";
import type { RoomModel } from "../../model/room-model.ts";
import { clockTime, fullTime } from "../../model/time-words.ts";
import { Author } from "../author.tsx";
import { ShieldIcon } from "../message-icons.tsx";

interface Props {
  readonly message: Message;
  readonly model: AppModel;
  readonly room: RoomModel;
}

/** A quiet line in the list: who did what as a moderator. */
export function ActLine({ message, model, room }: Props) {
  const act = actOf(message) ?? {};
  return (
    <div class="act" data-offset={message.offset}>
      <ShieldIcon />
      <p>
        <Who identity={act["by"]} model={model} room={room} /> {deed(act, message, model, room)}
      </p>
      <time dateTime={new Date(message.at).toISOString()} title={fullTime(message.at)}>
        {clockTime(message.at)}
      </time>
    </div>
  );
}

export function Who(props: {
  readonly identity: unknown;
  readonly model: AppModel;
  readonly room: RoomModel;
}) {
  const { identity, model, room } = props;
  if (typeof identity !== "string" || identity.startsWith("@")) return <b>The operator</b>;
  const isOwn = identity === model.self.value.identity;
  return <Author identity={identity} name={nameOf(identity, model, room)} isOwn={isOwn} />;
}

function deed(act: JsonObject, { re }: Message, model: AppModel, room: RoomModel): ComponentChildren {
  const { kind, on, ms, mode, until } = act;
  const whom = <Who identity={act["identity"]} model={model} room={room} />;
  const end = typeof until === "number" ? untilWords(until, systemClock.now()) : "";
  switch (kind) {
    case "pin":
    case "unpin":
      return (
        <>
          {kind === "pin" ? "pinned " : "unpinned "}
          {re === undefined ? (
            "a message"
          ) : (
            <button class="act-link" type="button" onClick={() => room.showMessage(re)}>
              a message
            </button>
          )}
        </>
      );
    case "remove":
      return "removed a message";
    case "clear":
      return <>erased the messages of {whom}</>;
    case "mute":
      return (
        <>
          muted {whom}
          {end}
        </>
      );
    case "ban":
      return (
        <>
          banned {whom}
          {end}
        </>
      );
    case "unmute":
      return <>let {whom} write again</>;
    case "unban":
      return <>lifted the ban of {whom}</>;
    case "lock":
      return on === true ? "locked the room: only moderators write" : "unlocked the room";
    case "slow":
      return typeof ms === "number" && ms > 0
        ? `slowed the room down: one message every ${spanWords(ms)}`
        : "took the brake off: no waiting between messages";
    case "screen":
      return on === true
        ? "lets links of newcomers wait for a moderator"
        : "lets links of newcomers through at once";
    case "mode": {
      const words = MODE_WORDS[mode as keyof typeof MODE_WORDS] as (typeof MODE_WORDS)["open"] | undefined;
      return words === undefined
        ? "changed who may take part"
        : `made the room ${words.label.toLowerCase()}: ${words.hint.charAt(0).toLowerCase()}${words.hint.slice(1, -1)}`;
    }
    default:
      return "did something as a moderator";
  }
}
