/**
 * `/status`: the page for people, its files, and the snapshot that it asks for each second.
 *
 * The page holds no data: it is three files and an icon, the same for everybody, under a policy that lets
 * nothing in from anywhere else. Rooms have names that tell what people talk about, so strangers see how
 * many there are, and only the operator which.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { bearerToken, isLocalVisit } from "./operator.ts";
import type { OperatorVerdict } from "./operator-door.ts";
import type { RoomNames, StatusBoard } from "./status-snapshot.ts";
import { answerError, answerJson } from "./transport/http-answer.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

interface PageFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export class StatusPage {
  readonly #board: StatusBoard;
  readonly #check: (request: IncomingMessage, key: string | null) => OperatorVerdict;
  readonly #page = load("index.html", "text/html");
  // A Map, so that a file named `constructor` is just not there.
  readonly #files: ReadonlyMap<string, PageFile> = new Map([
    ["status.js", load("status.js", "text/javascript")],
    ["status.css", load("status.css", "text/css")],
    ["icon.svg", load("icon.svg", "image/svg+xml")],
  ]);

  /** @param check  Judges the key that a visitor shows. */
  constructor(board: StatusBoard, check: (request: IncomingMessage, key: string | null) => OperatorVerdict) {
    this.#board = board;
    this.#check = check;
  }

  /** Answers GET and HEAD of `/status`, and of `/status/{file}` where `file` is not null. */
  answer(request: IncomingMessage, response: ServerResponse, file: string | null): void {
    if (file !== null) {
      const found = this.#files.get(file);
      if (found !== undefined) return answerFile(request, response, found);
      const message = "The status page has no such file.";
      return answerError(response, { code: "unknown-frame", status: 404, message });
    }
    response.appendHeader("vary", "Accept");
    if (prefersJson(request.headers.accept)) {
      return answerJson(response, 200, this.#board.snapshot(this.#namesFor(request)));
    }
    answerFile(request, response, this.#page);
  }

  #namesFor(request: IncomingMessage): RoomNames {
    if (isLocalVisit(request)) return "shown";
    return NAMES_FOR[this.#check(request, bearerToken(request))];
  }
}

const NAMES_FOR: Readonly<Record<OperatorVerdict, RoomNames>> = {
  operator: "shown",
  off: "local-only",
  "no-key": "key-needed",
  "wrong-key": "key-wrong",
  "too-many-guesses": "key-wrong",
};

/** People and their browsers get the page; who asks for JSON, and not for HTML too, gets that. */
function prefersJson(accept: string | undefined): boolean {
  const types = (accept ?? "").toLowerCase();
  return types.includes("application/json") && !types.includes("text/html");
}

function answerFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  for (const [name, value] of Object.entries(file.headers)) response.setHeader(name, value);
  if (request.headers["if-none-match"] === file.headers["etag"]) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { "content-length": file.bytes.length }).end(file.bytes);
}

function load(name: string, type: string): PageFile {
  const bytes = readFileSync(new URL(`./status-page/${name}`, import.meta.url));
  return {
    bytes,
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "cache-control": "no-cache",
      etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    },
  };
}
