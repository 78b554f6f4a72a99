import { Component } from "preact";
import type { MessageRow } from "../model/rows.ts";
import type { RoomModel } from "../model/room-model.ts";
import { clockTime, fullTime } from "../model/time-words.ts";
import { Author } from "./author.tsx";
import { EchoWords } from "./echo-words.tsx";
import { WaitingIcon } from "./icons.tsx";
import { MessageText } from "./message-text.tsx";

interface Props {
  readonly row: MessageRow;
  readonly room: RoomModel;
}

/** One message: who (where that is new), what, when, and for one's own how far it is. */
export class MessageView extends Component<Props> {
  /** Rows are laid out anew at every change, so that they are the same is seen by what they say. */
  override shouldComponentUpdate(next: Readonly<Props>): boolean {
    const a = this.props.row;
    const b = next.row;
    return (
      a.key !== b.key ||
      a.body !== b.body ||
      a.at !== b.at ||
      a.from !== b.from ||
      a.isOwn !== b.isOwn ||
      a.startsGroup !== b.startsGroup ||
      a.echo !== b.echo ||
      a.offset !== b.offset
    );
  }

  render({ row, room }: Readonly<Props>) {
    const { key, at, body, isOwn, startsGroup, echo } = row;
    const name = body.kind === "text" ? body.name : null;
    const author = <Author identity={row.from} name={name} isOwn={isOwn} />;
    const classes = [
      "message",
      startsGroup ? "starts-group" : "",
      isOwn ? "is-own" : "",
      echo === null || echo.kind === "settled" ? "" : `is-${echo.kind}`,
    ];
    return (
      <div class={classes.join(" ")} data-key={key} data-offset={row.offset ?? undefined}>
        <div class={startsGroup ? "message-author" : "unseen"}>{author}</div>
        <div class="message-body" data-hold>
          <MessageText body={body} />
          {echo !== null && <EchoWords echo={echo} id={key} room={room} />}
        </div>
        <div class="message-time">
          {echo === null || echo.kind === "settled" || echo.kind === "refused" ? (
            <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
              {clockTime(at)}
            </time>
          ) : (
            <span class="echo-waits">
              <WaitingIcon />
              waiting
            </span>
          )}
        </div>
      </div>
    );
  }
}
