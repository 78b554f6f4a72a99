import { DEFAULT_LIMITS } from "@parlor/protocol";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { Draft } from "../model/draft.ts";
import { bodyBytes } from "../model/message-body.ts";
import type { RoomModel } from "../model/room-model.ts";
import { Author } from "./author.tsx";
import { PencilIcon, SendIcon } from "./icons.tsx";

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
  useKeptDraft(draft);
  useGrowingField(field, text);
  useLayoutEffect(() => {
    // On a phone the focus would raise the keyboard over a room that somebody came to read.
    if (matchMedia("(hover: hover) and (pointer: fine)").matches) field.current?.focus();
  }, []);

  const name = model.name;
  const leftBytes = DEFAULT_LIMITS.maxBodyBytes - bodyBytes({ text, name });
  const isTooLong = leftBytes < 0;
  const change = (changed: string): void => {
    setText(changed);
    draft.change(changed);
  };
  const send = (event: Event): void => {
    event.preventDefault();
    if (text.trim() === "" || isTooLong || isShut) return;
    room.send({ text: text.trimEnd(), name });
    change("");
    draft.write();
    field.current?.focus();
  };
  const handleKey = (event: KeyboardEvent): void => {
    // While an input method composes, Enter belongs to it; 229 is how one browser still says so.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !isComposing) send(event);
  };
  return (
    <form class="composer" aria-label={`Write to ${room.name}`} onSubmit={send}>
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
        <label class="unseen" for="composer-text">
          Message
        </label>
        <textarea
          id="composer-text"
          ref={field}
          rows={1}
          dir="auto"
          placeholder={isShut ? "This room can't be written to" : `Write to ${room.name}`}
          value={text}
          disabled={isShut}
          enterkeyhint="send"
          aria-describedby="composer-length"
          aria-invalid={isTooLong}
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={handleKey}
        />
        <p id="composer-length" class={isTooLong ? "fault" : "hint"} aria-live="polite">
          {lengthWords(leftBytes)}
        </p>
      </div>
      <button class="send" type="submit" disabled={text.trim() === "" || isTooLong || isShut}>
        <SendIcon />
        <span class="unseen">Send</span>
      </button>
    </form>
  );
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
