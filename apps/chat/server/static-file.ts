import { createHash } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { gzip } from "node:zlib";
import { isText } from "./media-types.ts";

/** On every answer of a page or a file, found or not. */
export const SAFETY_HEADERS: Readonly<OutgoingHttpHeaders> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Below that a packed form saves nothing. */
const MIN_PACKED_BYTES = 512;

/**
 * One file as it is served, read once, and packed once where somebody asks for it packed.
 *
 * It lives in memory, so that a request can meet no error of the disk, a rebuild beside a running
 * server can't mix two releases, and there is no path for a stranger to walk. The pages of this
 * project are a few hundred KiB together. What nobody asks for, such as source maps, is never packed: at the
 * start that took longer than all else.
 */
export class StaticFile {
  readonly #body: Buffer;
  readonly #headers: OutgoingHttpHeaders;
  readonly #etag: string;
  readonly #isPackable: boolean;
  /** Fulfils with the plain body where packing makes it no smaller; null before anybody asked. */
  #packed: Promise<Buffer> | null = null;

  constructor(body: Buffer, type: string, headers: OutgoingHttpHeaders) {
    this.#body = body;
    this.#isPackable = isText(type) && body.length > MIN_PACKED_BYTES;
    // Weak, because the packed and the plain form share it.
    this.#etag = `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    this.#headers = { ...SAFETY_HEADERS, "content-type": type, etag: this.#etag, ...headers };
    if (this.#isPackable) this.#headers["vary"] = "Accept-Encoding";
  }

  /** Answers a GET or HEAD; `status` is that of a page which says that something is missing. */
  answer(request: IncomingMessage, response: ServerResponse, status = 200): void {
    if (status === 200 && this.#isKnown(request.headers["if-none-match"])) {
      response.writeHead(304, this.#headers).end();
    } else if (this.#isPackable && acceptsGzip(request.headers["accept-encoding"])) {
      this.#packed ??= packedForm(this.#body);
      void this.#packed.then((packed) => this.#send(packed, response, status));
    } else {
      this.#send(this.#body, response, status);
    }
  }

  #send(body: Buffer, response: ServerResponse, status: number): void {
    response.writeHead(status, {
      ...this.#headers,
      "content-length": body.length,
      ...(body !== this.#body && { "content-encoding": "gzip" }),
    });
    response.end(response.req.method === "HEAD" ? undefined : body);
  }

  #isKnown(ifNoneMatch: string | undefined): boolean {
    return ifNoneMatch?.split(",").some((tag) => tag.trim() === this.#etag) ?? false;
  }
}

/** Beside the event loop, as nobody else is to wait for it. The body itself where it can't be made smaller. */
function packedForm(body: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    gzip(body, { level: 9 }, (error, packed) => {
      resolve(error === null && packed.length < body.length ? packed : body);
    });
  });
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return /(^|[\s,])gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(String(header ?? ""));
}
