import { readFileSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import { STRICT_POLICY } from "./content-policy.ts";
import { examplePages } from "./example-pages.ts";
import { htmlDocument } from "./html-document.ts";
import { MISSING_PAGE, UNBUILT_PAGE } from "./missing-page.ts";
import { SAFETY_HEADERS, type StaticFile } from "./static-file.ts";
import { loadStaticFolder } from "./static-folder.ts";
import { tutorialPages } from "./tutorial-pages.ts";

export interface PageFolders {
  /** The built chat page: `index.html` and what it needs, and the examples' pages. May be missing; then a page says so. */
  readonly chat: string;
  /** The tutorial's pages, served as they are. */
  readonly tutorial: string;
}

/** What the server can do beside rooms; the page offers nothing else. */
export interface PageAbilities {
  readonly takesFiles: boolean;
}

/**
 * Serves the pages: everything that is not an address of Parlor itself. All of it is read at once, so
 * that a fault shows at the start and not at somebody's request.
 *
 * @param basePath begins and ends with a slash
 */
export function createPages(
  basePath: string,
  folders: PageFolders,
  { takesFiles }: PageAbilities = { takesFiles: true },
): RequestListener {
  const html = readChatPage(folders.chat).replaceAll("%FILES%", takesFiles ? "yes" : "no");
  const chat = htmlDocument(html, basePath, STRICT_POLICY);
  const missing = htmlDocument(MISSING_PAGE, basePath, { ...STRICT_POLICY, "script-src": [] });
  const files = new Map<string, StaticFile>([
    ["", chat],
    ["index.html", chat],
    ...tutorialPages(folders.tutorial, basePath),
    ...loadStaticFolder(folders.chat),
    ...examplePages(folders.chat, basePath),
    ...operatorPage(folders.chat, basePath),
  ]);

  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") return refuseMethod(response);
    const path = pathOf(request);
    if (`${path}/` === basePath) {
      response.writeHead(308, { ...SAFETY_HEADERS, location: basePath, "content-length": 0 }).end();
      return;
    }
    const name = path.startsWith(basePath) ? path.slice(basePath.length) : null;
    // A room's own name is read by the page, which can say in words what is wrong with it.
    const file = name === null ? undefined : name.startsWith("r/") ? chat : files.get(name);
    if (file !== undefined) file.answer(request, response);
    else if (request.headers.accept?.includes("text/html")) missing.answer(request, response, 404);
    else refuse(response, 404, "There is nothing at this address.");
  };
}

/** Its document; its files lie beside it. Without a build there is none. */
function operatorPage(folder: string, basePath: string): readonly (readonly [string, StaticFile])[] {
  try {
    const html = readFileSync(join(folder, "operator", "index.html"), "utf8");
    const page = htmlDocument(html, basePath, {
      ...STRICT_POLICY,
      "connect-src": ["'self'"],
      "form-action": [],
    });
    return ["operator", "operator/"].map((path) => [path, page] as const);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readChatPage(folder: string): string {
  try {
    return readFileSync(join(folder, "index.html"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return UNBUILT_PAGE;
    throw error;
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split(/[?#]/, 1)[0] ?? "";
}

function refuseMethod(response: ServerResponse): void {
  // What was sent along with the request is not read, so the connection can't be used again.
  response.setHeader("connection", "close").setHeader("allow", "GET, HEAD");
  refuse(response, 405, "This address is for reading: GET or HEAD.");
}

/** In the shape of every refusal of the protocol, for whoever is not a person with a browser. */
function refuse(response: ServerResponse, status: 404 | 405, message: string): void {
  const body = JSON.stringify({ error: { code: "unknown-frame", message } });
  response.writeHead(status, {
    ...SAFETY_HEADERS,
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-cache",
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
