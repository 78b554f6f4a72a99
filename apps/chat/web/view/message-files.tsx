import { systemClock } from "@parlor/base";
import { useRef, useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { FilePasses, type Pass, type RoomPass } from "../model/file-passes.ts";
import { isShownImage, messageFiles, sizeWords, type MessageFile } from "../model/message-files.ts";

export { LinkPreview } from "./link-preview.tsx";

/** The largest box of an image, in pixels of the page. */
const MAX_SIDE = 320;

const passes = new WeakMap<AppModel, FilePasses>();

/** Those of the page: this part of it comes later than the page itself. */
function passesOf(model: AppModel): FilePasses {
  let found = passes.get(model);
  if (found === undefined) {
    found = new FilePasses({
      place: (room) => model.roomFiles(room),
      key: () => model.ownKey(),
      identity: () => model.self.peek().identity,
      texts: model.texts,
      now: () => systemClock.now(),
    });
    passes.set(model, found);
  }
  return found;
}

/** The files of a message. An image has its place before it is there. */
export function MessageFiles(props: {
  readonly files: readonly unknown[];
  readonly room: string;
  readonly model: AppModel;
}) {
  const { files, room, model } = props;
  const pass = passesOf(model).of(room);
  return (
    <ul class="files" aria-label="Files">
      {(messageFiles({ files }) ?? []).map((file) => (
        <li key={file.hash}>
          <Link file={file} pass={pass} />
          <Player file={file} pass={pass} />
        </li>
      ))}
    </ul>
  );
}

const NO_PASS: Pass = Object.freeze({ text: null, until: 0 });

interface FileProps {
  readonly file: MessageFile;
  readonly pass: RoomPass;
}

/** Whoever is about to follow it has an address that holds. */
function Link({ file, pass }: FileProps) {
  const now = pass.value;
  const last = useRef(now);
  last.current = now ?? last.current;
  const isImage = isShownImage(file);
  const href = pass.addressOf(file, last.current ?? NO_PASS);
  const freshen = (): void => void pass.value;
  return (
    <a
      class={isImage ? "file-image" : "file"}
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      onPointerEnter={freshen}
      onFocus={freshen}
    >
      {isImage ? <Picture file={file} pass={pass} /> : <bdi>{file.name}</bdi>}
      {!isImage && <small> {sizeWords(file.size)}</small>}
    </a>
  );
}

/**
 * The pass by which something is shown stays the same, since another address would be loaded anew; where the server
 * does not take it any more, there is another once.
 */
function useSteadyPass(pass: RoomPass): { readonly used: Pass | null; readonly onError: () => void } {
  const now = pass.value;
  const [renewed, renew] = useState<Pass | null>(null);
  const first = useRef<Pass | null>(null);
  first.current ??= now;
  const used = renewed ?? first.current;
  const onError = (): void => {
    if (used !== null) void pass.after(used).then((next) => next !== null && renew(next));
  };
  return { used, onError };
}

/** Nothing of it is loaded before somebody plays it; its place is the same before and after. */
function Player({ file, pass }: FileProps) {
  const { used, onError } = useSteadyPass(pass);
  const { type, name } = file;
  const src = pass.addressOf(file, used ?? NO_PASS);
  const common = {
    class: "player",
    src,
    controls: true,
    preload: "none",
    "aria-label": name,
    onError,
  } as const;
  if (/^audio\/(wav|flac|ogg|mpeg|mp4)$/.test(type)) return <audio {...common} />;
  if (/^video\/(webm|mp4)$/.test(type)) return <video {...common} playsInline />;
  return null;
}

function Picture({ file, pass }: FileProps) {
  const { used, onError } = useSteadyPass(pass);
  const { width = 1, height = 1, name } = file;
  const scale = Math.min(1, MAX_SIDE / width, MAX_SIDE / height);
  const side = (length: number): number => Math.ceil(length * scale);
  const size = { width: side(width), height: side(height) };
  // An image without a source has no place in some browsers.
  if (used === null) return <canvas {...size} role="img" aria-label={name} />;
  const src = pass.addressOf(file, used);
  return <img src={src} alt={name} {...size} loading="lazy" decoding="async" onError={onError} />;
}
