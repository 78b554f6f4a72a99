import { createHash } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { isText } from "./media-types.ts";

/** On every answer of a page or a file, found or not. */
export const SAFETY_HEADERS: Readonly<OutgoingHttpHeaders> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/**
 * One file as it is served, read and packed once.
 *
 * It lives in memory, so that a request can meet no error of the disk, a rebuild beside a running
 * server can't mix two releases, and there is no path for a stranger to walk. The pages of this
 * project are a few hundred KiB together.
 */
export class StaticFile {
  readonly #body: Buffer;
  readonly #gzip: Buffer | null;
  readonly #headers: OutgoingHttpHeaders;
  readonly #etag: string;

  constructor(body: Buffer, type: string, headers: OutgoingHttpHeaders) {
    this.#body = body;
    const packed = isText(type) && body.length > 512 ? gzipSync(body, { level: 9 }) : null;
    this.#gzip = packed !== null && packed.length < body.length ? packed : null;
    // Weak, because the packed and the plain form share it.
    this.#etag = `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    this.#headers = { ...SAFETY_HEADERS, "content-type": type, etag: this.#etag, ...headers };
    if (this.#gzip !== null) this.#headers["vary"] = "Accept-Encoding";
  }

  /** Answers a GET or HEAD; `status` is that of a page which says that something is missing. */
  answer(request: IncomingMessage, response: ServerResponse, status = 200): void {
    if (status === 200 && this.#isKnown(request.headers["if-none-match"])) {
      response.writeHead(304, this.#headers).end();
      return;
    }
    const packed = acceptsGzip(request.headers["accept-encoding"]) ? this.#gzip : null;
    const body = packed ?? this.#body;
    response.writeHead(status, {
      ...this.#headers,
      "content-length": body.length,
      ...(packed !== null && { "content-encoding": "gzip" }),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  #isKnown(ifNoneMatch: string | undefined): boolean {
    return ifNoneMatch?.split(",").some((tag) => tag.trim() === this.#etag) ?? false;
  }
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return /(^|[\s,])gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(String(header ?? ""));
}
