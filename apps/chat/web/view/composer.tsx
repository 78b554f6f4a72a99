import { DEFAULT_LIMITS } from "@parlor/protocol";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { Draft } from "../model/draft.ts";
import { composingKey, type ComposingMode } from "../model/composing.ts";
import type { EntryBody } from "../model/entries.ts";
import { bodyBytes, type ChatBody } from "../model/message-body.ts";
import { roomLabel } from "../model/room-label.ts";
import type { RoomModel } from "../model/room-model.ts";
import { Author } from "./author.tsx";
import { awaitsEmoji, emojiNames, emojiTable } from "./emoji-table.ts";
import { PencilIcon, SendIcon } from "./icons.tsx";
import { attaching, messageActions, suggesting } from "./later-parts.ts";
import type { Completing } from "./use-suggestions.ts";

/** From this many bytes before the limit on, it is told how much room is left. */
const TELL_BEFORE_BYTES = 8_000;

export function Composer(props: {
  readonly model: AppModel;
  readonly room: RoomModel;
  /** The room can't be written to. */
  readonly isShut: boolean;
}) {
  const { model, room, isShut } = props;
  const [draft] = useState(() => new Draft(model.texts, room.name));
  const [text, setText] = useState(() => draft.read());
  const field = useRef<HTMLTextAreaElement>(null);
  const completing = useRef<Completing>(null);
  /** What is sent once the names of emoji are there, or were waited for; it stands in the field until then. */
  const awaiting = useRef<string>(null);
  const mode = room.composing.mode.value;
  /** Into the field at once, too: it may be drawn a moment later, and what is sent is what stands in it. */
  const put = (changed: string): void => {
    setText(changed);
    if (field.current !== null) field.current.value = changed;
  };
  useKeptDraft(draft);
  useGrowingField(field, text);
  useLayoutEffect(() => {
    // On a phone the focus would raise the keyboard over a room that somebody came to read.
    if (matchMedia("(hover: hover) and (pointer: fine)").matches) field.current?.focus();
  }, []);
  useEffect(() => {
    // An answer or a change that was begun before this tab loaded the page anew.
    if (model.texts.read(composingKey(room.name)))
      void messageActions.get().then((part) => part?.resumeComposing(room, model));
  }, [model, room]);
  useLayoutEffect(() => {
    if (mode.kind === "new") return put(draft.read());
    // Others may add to what is kept of it meanwhile.
    draft.write();
    if (mode.kind === "edit") put(mode.written ?? mode.text);
    field.current?.focus();
  }, [mode, draft]);

  const { name } = model;
  const attach = attaching.drawn;
  const suggest = suggesting.drawn;
  // Begun by what can be done with a message: it mostly is there already.
  const actions = mode.kind === "new" && mode.because === undefined ? null : messageActions.value;
  const isTaking = attach !== null && mode.kind !== "edit" && !isShut;
  const leftBytes = DEFAULT_LIMITS.maxBodyBytes - bodyBytes(bodyOf(text, name, mode));
  const isTooLong = leftBytes < 0;
  const attached = mode.kind === "edit" ? "none" : (room.attached.value?.state.value ?? "none");
  const isSendable =
    (text.trim() !== "" || attached === "ready") && attached !== "busy" && !isTooLong && !isShut;
  const change = (changed: string): void => {
    setText(changed);
    // What is changed has its place in the room; the draft is what is to become a new message.
    if (mode.kind !== "edit") draft.change(changed);
    // Loaded by the first sign, so that it is there by the time a name of an emoji, or somebody's, is whole.
    if (/[:@]/.test(changed)) void suggesting.get();
    if (changed.includes(":")) void emojiTable.get();
    if (changed.trim() === "") room.typing.peek()?.rest();
    else room.typing.peek()?.write(name, model.people.present.peek().count ?? 0);
  };
  const send = (event: Event): void => {
    event.preventDefault();
    // As it stands in the field: whoever types fast is ahead of what was drawn last.
    const written = (field.current?.value ?? text).trimEnd();
    const said = emojiTable.loaded?.withEmoji(written) ?? written;
    const body = bodyOf(said, name, mode);
    const isReady = attached === "ready";
    if (attached === "busy") return;
    if ((said.trim() === "" && !isReady) || isShut || bodyBytes(body) > DEFAULT_LIMITS.maxBodyBytes) return;
    if (awaiting.current !== written && awaitsEmoji(written)) {
      if (awaiting.current === null) void emojiNames().then(sendAwaiting);
      awaiting.current ??= written;
      return;
    }
    if (mode.kind === "edit") {
      if (said !== mode.text) room.tell(mode.offset, { edit: said });
      put(draft.read());
    } else {
      const files = isReady ? room.attached.peek()?.take() : undefined;
      room.send({ ...(body as ChatBody), files });
      draft.change("");
      draft.write();
      put("");
    }
    completing.current?.close();
    room.typing.peek()?.rest();
    room.composing.end();
    field.current?.focus();
  };
  const sendAwaiting = (): void => {
    const element = field.current;
    const written = awaiting.current ?? "";
    const rest = element?.value.slice(written.length) ?? "";
    // In another room by now, where it is the draft, or at work on the words themselves: it is sent by hand.
    const isStill =
      element?.value.startsWith(written) === true && (mode.kind !== "edit" || rest.trim() === "");
    if (isStill && element !== null) {
      element.value = written;
      element.form?.requestSubmit();
      // What was written behind it is the next.
      if (rest.trim() !== "") {
        put(rest);
        draft.change(rest);
      }
    }
    awaiting.current = null;
  };
  const handleKey = (event: KeyboardEvent & { readonly currentTarget: HTMLTextAreaElement }): void => {
    // While an input method composes, Enter belongs to it; 229 is how one browser still says so.
    if (event.isComposing || event.keyCode === 229) return;
    if (completing.current?.take(event, event.currentTarget) === true) return;
    if (event.key === "Enter" && !event.shiftKey) send(event);
    else if (event.key === "Escape" && mode.kind !== "new") room.composing.end();
    else if (event.key === "ArrowUp" && event.currentTarget.value === "" && mode.kind === "new") {
      const own = room.newestOwn();
      if (own === undefined) return;
      event.preventDefault();
      void messageActions.get().then((part) => part?.beginEdit(own, room));
    }
  };
  const writeTo = `Write to ${roomLabel(room.name)}`;
  return (
    <form class="composer" aria-label={writeTo} onSubmit={send}>
      <button
        class="composer-name"
        type="button"
        title="Change your name"
        onClick={() => model.openNameForm()}
      >
        <Author identity={model.self.value.identity} name={name} isOwn={false} />
        <PencilIcon />
        <span class="unseen">, change your name</span>
      </button>
      <div class="composer-field">
        {actions && <actions.ComposerMode mode={mode} room={room} model={model} />}
        {suggest && (
          <suggest.Suggestions
            model={model}
            room={room}
            field={field}
            completing={completing}
            change={change}
          />
        )}
        {isTaking && <attach.Attached model={model} room={room} />}
        <label class="unseen" for="composer-text">
          Message
        </label>
        <textarea
          id="composer-text"
          ref={field}
          rows={1}
          dir="auto"
          placeholder={isShut ? "This room can't be written to" : writeTo}
          value={text}
          disabled={isShut}
          enterkeyhint="send"
          aria-describedby="composer-length"
          aria-invalid={isTooLong}
          aria-autocomplete="list"
          onInput={(event) => {
            change(event.currentTarget.value);
            completing.current?.look(event.currentTarget);
          }}
          onBlur={() => completing.current?.close()}
          onKeyDown={handleKey}
        />
        {isTaking && <attach.Attach model={model} room={room} />}
        <p id="composer-length" class={isTooLong ? "fault" : "hint"} aria-live="polite">
          {lengthWords(leftBytes)}
        </p>
      </div>
      <button class="send" type="submit" disabled={!isSendable}>
        <SendIcon />
        <span class="unseen">{mode.kind === "edit" ? "Save" : "Send"}</span>
      </button>
    </form>
  );
}

function bodyOf(text: string, name: string, mode: ComposingMode): ChatBody | EntryBody {
  switch (mode.kind) {
    case "new":
      return { text, name };
    case "reply":
      return { text, name, reply: mode.offset };
    case "edit":
      return { edit: text };
  }
}

function lengthWords(leftBytes: number): string | null {
  if (leftBytes < 0) {
    const over = (-leftBytes).toLocaleString();
    return `Too long by ${over} bytes. Shorten it, or send it in parts.`;
  }
  return leftBytes < TELL_BEFORE_BYTES ? `Room for ${leftBytes.toLocaleString()} more bytes` : null;
}

function useKeptDraft(draft: Draft): void {
  useEffect(() => {
    const write = (): void => draft.write();
    addEventListener("pagehide", write);
    document.addEventListener("visibilitychange", write);
    return () => {
      write();
      removeEventListener("pagehide", write);
      document.removeEventListener("visibilitychange", write);
    };
  }, [draft]);
}

/** As high as its text; the style sheet says how high it may get. */
function useGrowingField(field: { readonly current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null || CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [field, text]);
}
