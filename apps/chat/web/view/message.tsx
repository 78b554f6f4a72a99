import { Component } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import type { JsonObject } from "@parlor/protocol";
import type { MessageRow } from "../model/rows.ts";
import { isActionKey } from "../model/keys.ts";
import { mayHaveMarkup } from "../model/markup-tree.ts";
import { messageFragment } from "../model/route.ts";
import type { RoomModel } from "../model/room-model.ts";
import { GUEST } from "../model/display-name.ts";
import { clockTime, fullTime } from "../model/time-words.ts";
import { Author } from "./author.tsx";
import { WaitingIcon } from "./icons.tsx";
import { filesPart, messageActions, stills } from "./later-parts.ts";
import { MessageText } from "./message-text.tsx";
import { Quote } from "./quote.tsx";
import { Reactions } from "./reactions.tsx";

interface Props {
  readonly row: MessageRow;
  readonly room: RoomModel;
  readonly model: AppModel;
}

interface State {
  readonly isPointedAt?: boolean;
  readonly hasFocus?: boolean;
}

/**
 * How long a pointer rests on a message, ms, before what can be done with it is drawn: of a list that moves under the
 * pointer another message is pointed at in each frame, and drawing all of that took longer than the messages themselves.
 */
const REST_MS = 100;

/** One message: who (where that is new), what, when, what was said about it, and for one's own how far it is. */
export class MessageView extends Component<Props, State> {
  override state: State = {};
  /** A pointer came, and is not known to rest here. */
  #coming: ReturnType<typeof setTimeout> | undefined;
  /** A key that means something to what is not there yet: a part of the page, or who may do what in the room. */
  #pressed: { readonly key: string; readonly on: HTMLElement } | null = null;

  /** A row that says the same is the same (rows.ts). */
  override shouldComponentUpdate(next: Readonly<Props>, state: State): boolean {
    return next.row !== this.props.row || isActive(state) !== isActive(this.state);
  }

  render({ row, room, model }: Readonly<Props>, state: Readonly<State>) {
    const { key, at, body, isOwn, startsGroup, echo, offset, change } = row;
    // Of what was deleted nobody knows any more under which name it was said.
    const name = body.kind === "text" ? body.name : body.kind === "erased" ? "" : null;
    const isChanging = change?.state.kind === "waiting" || change?.state.kind === "held";
    const isUnderWay = echo !== null && echo.kind !== "settled" && echo.kind !== "refused";
    const classes = [
      "message",
      startsGroup ? "starts-group" : "",
      isOwn ? "is-own" : "",
      isChanging ? "is-changing" : "",
      echo === null || echo.kind === "settled" ? "" : `is-${echo.kind}`,
    ];
    return (
      <div
        class={classes.join(" ")}
        data-key={key}
        data-offset={offset ?? undefined}
        data-plain={(isPlain(row) && !isActive(state)) || undefined}
        tabIndex={-1}
        onPointerEnter={this.#handleEnter}
        onPointerLeave={this.#handleLeave}
        onFocusIn={() => this.setState({ hasFocus: true })}
        onFocusOut={this.#handleFocusOut}
        onKeyDown={this.#handleKey}
      >
        {startsGroup ? (
          <div class="message-author">
            <Author identity={row.from} name={name} isOwn={isOwn} />
          </div>
        ) : (
          // Heard only: drawn whole it would be half of the page's elements.
          <bdi class="author-heard">{name ?? GUEST}</bdi>
        )}
        <div class="message-body" data-hold>
          {body.kind === "text" && body.reply !== undefined && (
            <Quote offset={body.reply} room={room} onGoTo={(quoted) => room.showMessage(quoted)} />
          )}
          <MessageText body={body} model={model} />
          {body.kind === "text" && body.files !== undefined && (
            <Files files={body.files} room={room.name} model={model} />
          )}
          {row.preview !== undefined && <LinkPreview body={body} preview={row.preview} />}
          {row.isEdited && <span class="edited">edited</span>}
          {offset !== null && (
            <Reactions
              reactions={row.reactions}
              offset={offset}
              identity={model.self.peek().identity}
              room={room}
              name={model.name}
            />
          )}
          {(echo ?? change) !== null && <Untaken row={row} room={room} />}
        </div>
        {isUnderWay ? (
          <div class="message-time">
            <span class="echo-waits">
              <WaitingIcon />
              waiting
            </span>
          </div>
        ) : (
          // Within a group it is shown of the one that is looked at, and made only then: there are many.
          (startsGroup || isActive(state)) && <MessageTime at={at} offset={offset} />
        )}
        {isActive(state) && <Actions row={row} room={room} model={model} onReady={this.#handleReady} />}
      </div>
    );
  }

  readonly #handleEnter = (): void => {
    this.#coming = setTimeout(() => {
      this.#coming = undefined;
      this.setState({ isPointedAt: true });
    }, REST_MS);
  };

  readonly #handleLeave = (): void => {
    clearTimeout(this.#coming);
    if (this.#coming === undefined) this.setState({ isPointedAt: false });
  };

  readonly #handleFocusOut = (event: FocusEvent & { readonly currentTarget: HTMLElement }): void => {
    const isWithin = event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget);
    if (!isWithin) this.setState({ hasFocus: false });
  };

  readonly #handleKey = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void => {
    const { target, currentTarget, key } = event;
    // What is typed into something within the message is not meant for it.
    if (target !== currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const { row, room } = this.props;
    const part = messageActions.loaded;
    // What can be done with a message is on its way: then the key is.
    const isEarly = part === null ? isActionKey(key) : part.isEarly(key, room);
    this.#pressed = isEarly ? { key, on: currentTarget } : null;
    if (isEarly || part?.actByKey(key, row, room, currentTarget) === true) event.preventDefault();
  };

  readonly #handleReady = (): void => {
    const { row, room } = this.props;
    const part = messageActions.loaded;
    const pressed = this.#pressed;
    if (part === null || pressed === null || part.isEarly(pressed.key, room)) return;
    this.#pressed = null;
    // Whoever went on meanwhile does not want it any more.
    if (document.activeElement === pressed.on) part.actByKey(pressed.key, row, room, pressed.on);
  };
}

/** What can be done with the message, once that part of the page is there. */
function Actions({ onReady, ...props }: Props & { readonly onReady: () => void }) {
  const part = messageActions.value;
  useLayoutEffect(() => {
    if (part !== null) onReady();
  }, [part, onReady]);
  return part === null ? null : <part.MessageActions {...props} onReady={onReady} />;
}

/** Why it is not in the room: in a part of its own, for mostly there is nothing to say. */
function Untaken(props: { readonly row: MessageRow; readonly room: RoomModel }) {
  const part = stills.value;
  return part === null ? null : <part.UntakenWords {...props} />;
}

/** When it was said; a link to the message, once it is in the room. */
function MessageTime({ at, offset }: { readonly at: number; readonly offset: number | null }) {
  const time = (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {clockTime(at)}
    </time>
  );
  return (
    <div class="message-time">
      {offset === null ? (
        time
      ) : (
        <a class="message-link" href={messageFragment(offset)} tabIndex={-1}>
          {time}
        </a>
      )}
    </div>
  );
}

/** In a part of its own, which most rooms never need; until it is there its place is kept. */
function Files(props: {
  readonly files: readonly JsonObject[];
  readonly room: string;
  readonly model: AppModel;
}) {
  const part = filesPart.value;
  if (part !== null) return <part.MessageFiles {...props} />;
  return <div class="files" style={{ minBlockSize: filesHeight(props.files) }} />;
}

function LinkPreview(props: { readonly body: MessageRow["body"]; readonly preview: JsonObject }) {
  const part = filesPart.value;
  return part === null ? null : <part.LinkPreview {...props} />;
}

/** In pixels: what one file takes, and a larger image as it is drawn. */
function filesHeight(files: readonly JsonObject[]): number {
  return files.reduce((sum, { type, width, height }) => {
    const player = String(type).startsWith("audio/") ? 48 : String(type).startsWith("video/") ? 180 : 0;
    const high = Number(height ?? 42 + player);
    return sum + high * Math.min(1, 320 / Number(width ?? 1), 320 / high);
  }, 0);
}

/** Scripts whose letters stay within their line. */
const CALM = /^[\n -\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2026\u3041-\u3096\u30a0-\u9fff\uac00-\ud7a3]*$/;

/** Of what strangers wrote it holds nothing but a text that can't reach out: it needs no layer that holds it in. */
function isPlain({ body, preview, reactions }: MessageRow): boolean {
  if (body.kind !== "text" || (body.reply ?? body.files ?? preview ?? reactions[0])) return false;
  return CALM.test(body.text) && !mayHaveMarkup(body.text);
}

function isActive({ isPointedAt, hasFocus }: State): boolean | undefined {
  return isPointedAt || hasFocus;
}
