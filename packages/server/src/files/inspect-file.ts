import { imageDimensionsFromData } from "image-dimensions";

/** Bytes from a file's beginning that are enough to say what it is; pictures of cameras begin with long notes. */
export const HEAD_BYTES = 524_288;

/** Pixels of an image that a page is shown: what a browser makes of them takes four bytes each. */
export const MAX_IMAGE_PIXELS = 100_000_000;
export const MAX_IMAGE_SIDE = 30_000;

/** Of bytes that say nothing else: what a browser shows nothing of. */
export const UNKNOWN_TYPE = "application/octet-stream";

/** What a file is, by its bytes alone; what its sender calls it counts for nothing. */
export interface FileKind {
  readonly type: string;
  readonly width: number | null;
  readonly height: number | null;
}

const IMAGE_TYPES = {
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  heic: "image/heic",
} as const;

/** Kinds that are sound or moving pictures, and what they begin with. `?` stands for any byte. */
const MEDIA: readonly (readonly [type: string, begins: string])[] = [
  ["audio/wav", "RIFF????WAVE"],
  ["audio/flac", "fLaC"],
  ["audio/ogg", "OggS"],
  ["audio/mpeg", "ID3"],
  ["video/webm", "\x1a\x45\xdf\xa3"],
  ["audio/mp4", "????ftypM4A "],
  ["video/mp4", "????ftypisom"],
  ["video/mp4", "????ftypiso?"],
  ["video/mp4", "????ftypmp4?"],
  ["video/mp4", "????ftypavc1"],
  ["application/pdf", "%PDF-"],
];

/** What a browser shows in place, in a box of its own, without running anything. No SVG: it is a program. */
const SHOWN_IN_PLACE = /^(image\/(png|jpeg|gif|webp|avif)|audio\/(wav|flac|ogg|mpeg|mp4)|video\/(webm|mp4))$/;

export function isShownInPlace(type: string): boolean {
  return SHOWN_IN_PLACE.test(type);
}

/**
 * Says what a file is by how it begins, or, as a sentence, why nobody is to be shown it: an image of more pixels
 * than a browser should be given. One that only begins like an image, and says no size, is none.
 */
export function inspectFile(head: Uint8Array): FileKind | string {
  const image = imageOf(head);
  if (image !== null) {
    const { type, width, height } = image;
    if (width < 1 || height < 1) return unknown(head);
    if (width > MAX_IMAGE_SIDE || height > MAX_IMAGE_SIDE || width * height > MAX_IMAGE_PIXELS) {
      return `The image is ${width} by ${height} pixels; at most ${MAX_IMAGE_PIXELS / 1e6} million are taken, ${MAX_IMAGE_SIDE} a side.`;
    }
    return { type, width, height };
  }
  return unknown(head);
}

function imageOf(head: Uint8Array): { type: string; width: number; height: number } | null {
  try {
    const found = imageDimensionsFromData(head);
    return found === undefined ? null : { ...found, type: IMAGE_TYPES[found.type] };
  } catch {
    // Intentionally: what can't be read as an image is not one.
    return null;
  }
}

function unknown(head: Uint8Array): FileKind {
  const type = MEDIA.find(([, begins]) => beginsWith(head, begins))?.[0] ?? UNKNOWN_TYPE;
  return { type, width: null, height: null };
}

function beginsWith(head: Uint8Array, begins: string): boolean {
  if (head.length < begins.length) return false;
  for (let i = 0; i < begins.length; i++) {
    if (begins[i] !== "?" && begins.charCodeAt(i) !== head[i]) return false;
  }
  return true;
}
