import type { AppModel } from "../model/app-model.ts";
import { isShownImage, messageFiles, sizeWords, type MessageFile } from "../model/message-files.ts";

/** The largest box of an image, in pixels of the page. */
const MAX_SIDE = 320;

/** The files of a message. An image has its place before it is there. */
export function MessageFiles(props: {
  readonly files: readonly unknown[];
  readonly room: string;
  readonly model: AppModel;
}) {
  const { files, room, model } = props;
  return (
    <ul class="files" aria-label="Files">
      {(messageFiles({ files }) ?? []).map((file) => {
        const href = model.fileAddress(room, file);
        const isImage = isShownImage(file);
        return (
          <li key={file.hash}>
            <a class={isImage ? "file-image" : "file"} href={href} target="_blank" rel="noopener noreferrer">
              {isImage ? picture(file, href) : <bdi>{file.name}</bdi>}
              {!isImage && <small> {sizeWords(file.size)}</small>}
            </a>
          </li>
        );
      })}
    </ul>
  );
}

function picture({ width = 1, height = 1, name }: MessageFile, src: string) {
  const scale = Math.min(1, MAX_SIDE / width, MAX_SIDE / height);
  const side = (length: number): number => Math.ceil(length * scale);
  return (
    <img src={src} alt={name} width={side(width)} height={side(height)} loading="lazy" decoding="async" />
  );
}
