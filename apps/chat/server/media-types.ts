import { extname } from "node:path";

/**
 * What this server hands out from a folder, by extension. A file of any other kind (a source, a test,
 * a note) stays private, so the table is an allow-list as well.
 */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".mp3": "audio/mpeg",
  ".png": "image/png",
  ".svg": "image/svg+xml; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

/** The media type of a file that may be served; null where it may not. */
export function mediaType(path: string): string | null {
  const extension = extname(path).toLowerCase();
  return Object.hasOwn(MEDIA_TYPES, extension) ? (MEDIA_TYPES[extension] ?? null) : null;
}

/** Whether gzip makes it smaller: text does, pictures and fonts are packed already. */
export function isText(type: string): boolean {
  return type.includes("charset=utf-8");
}
