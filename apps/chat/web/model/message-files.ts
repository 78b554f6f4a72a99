import { isJsonObject } from "@parlor/protocol";
import { displayName } from "./display-name.ts";

/** A file of a message, as docs/messages.md has it. */
export interface MessageFile {
  readonly hash: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** Of an image, in pixels as it is shown. */
  readonly width?: number;
  readonly height?: number;
}

const MAX_FILES = 20;
const MAX_NAME_CHARACTERS = 120;

/** Reads what a body names as its files; none where it names none, and without those that can't be. */
export function messageFiles(body: { readonly files?: unknown }): readonly MessageFile[] | null {
  const { files } = body;
  if (!Array.isArray(files)) return null;
  const read = files.slice(0, MAX_FILES).flatMap(messageFile);
  return read.length === 0 ? null : read;
}

function messageFile(value: unknown): readonly MessageFile[] {
  if (!isJsonObject(value)) return [];
  const { hash, name, type, size, width, height } = value;
  if (typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash) || !Number.isSafeInteger(size)) return [];
  return [
    {
      hash,
      name: fileName(name),
      type: typeof type === "string" ? type : "",
      size: Math.max(0, size as number),
      ...(isSide(width) && isSide(height) ? { width, height } : {}),
    },
  ];
}

/** A name as it is shown, without what misleads; the server cleans it once more. */
export function fileName(name: unknown): string {
  return displayName(name, MAX_NAME_CHARACTERS) ?? "file";
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 100_000;
}

/** What a browser shows in the page; anything else is a way to the file. */
export function isShownImage({ type, width }: MessageFile): boolean {
  return width !== undefined && /^image\/(png|jpeg|gif|webp|avif)$/.test(type);
}

export function sizeWords(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 100) / 10} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
