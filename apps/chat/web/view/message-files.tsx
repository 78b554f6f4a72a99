import type { AppModel } from "../model/app-model.ts";
import { isShownImage, sizeWords, type MessageFile } from "../model/message-files.ts";

/** The largest box of an image, in pixels of the page. */
const MAX_SIDE = 320;

/** The files of a message. An image has its place before it is there. */
export function MessageFiles(props: {
  readonly files: readonly MessageFile[];
  readonly room: string;
  readonly model: AppModel;
}) {
  const { files, room, model } = props;
  return (
    <ul class="files" aria-label="Files">
      {files.map((file) => (
        <li key={file.hash}>
          <a
            class={isShownImage(file) ? "file-image" : "file"}
            href={model.fileAddress(room, file)}
            target="_blank"
            rel="noopener noreferrer"
          >
            {isShownImage(file) ? (
              <Picture file={file} src={model.fileAddress(room, file)} />
            ) : (
              <Card file={file} />
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Picture({ file, src }: { readonly file: MessageFile; readonly src: string }) {
  const { width = 1, height = 1, name } = file;
  const scale = Math.min(1, MAX_SIDE / width, MAX_SIDE / height);
  const [boxWidth, boxHeight] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  return <img src={src} alt={name} width={boxWidth} height={boxHeight} loading="lazy" decoding="async" />;
}

function Card({ file }: { readonly file: MessageFile }) {
  return (
    <>
      <bdi>{file.name}</bdi> <small>{sizeWords(file.size)}</small>
    </>
  );
}
