import { useEffect, useRef, useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { Attachments } from "../model/attachments.ts";
import { sizeWords } from "../model/message-files.ts";
import type { RoomModel } from "../model/room-model.ts";
import type { Upload } from "../model/upload.ts";
import { CloseIcon, Icon } from "./icons.tsx";

/** What is attached to the message that is being written. */
export function Attached({ model, room }: { readonly model: AppModel; readonly room: RoomModel }) {
  const attachments = attachmentsOf(model, room);
  const uploads = attachments.uploads.value;
  return (
    <>
      {uploads.length > 0 && (
        <ul class="attached" aria-label="Attached files">
          {uploads.map((upload, index) => (
            <Attachment key={`${index} ${upload.name}`} upload={upload} attachments={attachments} />
          ))}
        </ul>
      )}
      <p class="unseen" role="status">
        {attachments.said.value}
      </p>
    </>
  );
}

/** What attaches files: a button, what is dropped on the page, what is pasted. Nothing where the server takes none. */
export function Attach(props: { readonly model: AppModel; readonly room: RoomModel }) {
  return takesFiles() ? <Attaching {...props} /> : null;
}

/** The server writes it into the page. Read here, since what the page begins with has no room for it. */
function takesFiles(): boolean {
  return document.querySelector<HTMLMetaElement>("meta[name=parlor-files]")?.content !== "no";
}

function Attaching({ model, room }: { readonly model: AppModel; readonly room: RoomModel }) {
  const picker = useRef<HTMLInputElement>(null);
  const attachments = attachmentsOf(model, room);
  const isOver = useDropping((files) => attachments.add(files));
  return (
    <div class="attach">
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to attach"
        onChange={({ currentTarget }) => {
          attachments.add(currentTarget.files ?? []);
          // So that the same file can be picked again.
          currentTarget.value = "";
        }}
      />
      <button
        class="attach-button"
        type="button"
        title="Attach files"
        onClick={() => picker.current?.click()}
      >
        <Icon>
          <path d="M13 7.5l-5 5a3.2 3.2 0 0 1-4.5-4.5l5.3-5.3a2.1 2.1 0 0 1 3 3l-5.2 5.2a1 1 0 0 1-1.5-1.5L9.6 5" />
        </Icon>
        <span class="unseen">Attach files</span>
      </button>
      {isOver && <p class="drop-here">Drop files to attach them</p>}
    </div>
  );
}

function Attachment({ upload, attachments }: { readonly upload: Upload; readonly attachments: Attachments }) {
  const state = upload.state.value;
  const { name } = upload;
  const { size } = upload.file;
  return (
    <li class={`attachment is-${state.kind}`}>
      <bdi class="attachment-name">{name}</bdi> <small>{sizeWords(size)}</small>
      {(state.kind === "sending" || state.kind === "waiting") && (
        <progress aria-label={`${name} uploaded`} max={Math.max(1, size)} value={state.sent} />
      )}
      {state.kind === "waiting" && <span class="hint">waits for the server</span>}
      {state.kind === "failed" && <span class="fault">{state.sentence}</span>}
      {state.kind === "failed" && (
        <button class="button is-small" type="button" onClick={() => upload.retry()}>
          Try again
        </button>
      )}
      <button
        class="attachment-remove"
        type="button"
        title="Remove"
        onClick={(event) => {
          event.currentTarget
            .closest(".composer-field")
            ?.querySelector<HTMLElement>(".attach-button")
            ?.focus();
          attachments.remove(upload);
        }}
      >
        <CloseIcon />
        <span class="unseen">Remove {name}</span>
      </button>
    </li>
  );
}

function attachmentsOf(model: AppModel, room: RoomModel): Attachments {
  const known = room.attached.peek();
  if (known instanceof Attachments) return known;
  const made = new Attachments({ room: model.roomFiles(room.name), key: model.ownKey() });
  room.attached.value = made;
  return made;
}

/** Files that are dropped anywhere on the page or pasted go to `take`. Whether some are held over it. */
function useDropping(take: (files: FileList) => void): boolean {
  const [isOver, setOver] = useState(false);
  const taking = useRef(take);
  taking.current = take;
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes("Files") !== true) return;
      // Without it the browser would open the file in place of the page.
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      setOver(false);
      if (event.dataTransfer === null || event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      taking.current(event.dataTransfer.files);
    };
    const paste = (event: ClipboardEvent): void => {
      const files = event.clipboardData?.files;
      // What has words as well, as from a table, is pasted as those.
      if (
        files === undefined ||
        files.length === 0 ||
        event.clipboardData?.types.includes("text/plain") === true
      )
        return;
      event.preventDefault();
      taking.current(files);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, []);
  return isOver;
}
