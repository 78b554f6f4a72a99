import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ContentPolicy, STRICT_POLICY } from "./content-policy.ts";
import { htmlDocument } from "./html-document.ts";
import type { StaticFile } from "./static-file.ts";
import { loadStaticFolder } from "./static-folder.ts";

const TEACHING_POLICY: ContentPolicy = { ...STRICT_POLICY, "frame-src": ["'self'"], "form-action": [] };

/** The chat of the tutorial may stand in the teaching page's frame, and runs no script but its own. */
const CHAT_POLICY: ContentPolicy = {
  ...STRICT_POLICY,
  "script-src": [],
  "form-action": [],
  "frame-ancestors": ["'self'"],
};

/** What stands in the place of chat.html's `<script>`, in the tutorial's last step, and nothing else is changed. */
export const LASTING_LINE = `<script type="module">import { ParlorSocket } from "./parlor-socket.js"; const WebSocket = ParlorSocket.resuming([location.origin]);`;

/**
 * The tutorial's addresses below `tutorial`.
 *
 * `tutorial/watched.html` is chat.html, byte for byte, with one script put in front of it that reports
 * what its WebSocket does to the page around the frame. It is made here from the file that is taught,
 * so that the two can't differ.
 */
export function tutorialPages(folder: string, basePath: string): ReadonlyMap<string, StaticFile> {
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const teaching = htmlDocument(read("index.html"), basePath, TEACHING_POLICY);
  const compare = htmlDocument(read("compare.html"), basePath, TEACHING_POLICY);
  const chat = read("chat.html");
  const lasting = chat.replace("<script>\n", `${LASTING_LINE}\n`);
  const watched = (page: string): StaticFile =>
    htmlDocument(page.replace("<meta charset", `<script src="watch.js"></script>\n<meta charset`), basePath, {
      ...CHAT_POLICY,
      "script-src": ["'self'"],
    });
  const pages = new Map<string, StaticFile>([
    ["tutorial", teaching],
    ["tutorial/", teaching],
    ["tutorial/compare", compare],
    ["tutorial/compare/", compare],
    ["tutorial/chat.html", htmlDocument(chat, basePath, CHAT_POLICY)],
    ["tutorial/watched.html", watched(chat)],
    ["tutorial/lasting.html", htmlDocument(lasting, basePath, { ...CHAT_POLICY, "script-src": ["'self'"] })],
    ["tutorial/watched-lasting.html", watched(lasting)],
  ]);
  for (const [name, file] of loadStaticFolder(folder)) pages.set(`tutorial/${name}`, file);
  // chat.html has no line to spare for an icon, so browsers ask for the one that any site may have.
  const icon = pages.get("tutorial/icon.svg");
  if (icon !== undefined) pages.set("favicon.ico", icon);
  return pages;
}
