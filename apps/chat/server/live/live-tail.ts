import type { OutgoingHttpHeaders } from "node:http";
import { formatPosition, type Position } from "@parlor/protocol";
import type { TailForm, TailMessages, TailStart } from "@parlor/server";
import { htmlText } from "./html-text.ts";
import { documentStart, newOnce, roomHeader, writeForm } from "./live-document.ts";
import { linkBehind, LIVE_ROWS } from "./live-rows.ts";

/** How much further back the link at the top goes. */
const EARLIER_MESSAGES = 200;

/** The page without an end: one reader's, whose rows look alike to everybody. */
export class LiveTail implements TailForm {
  readonly headers: OutgoingHttpHeaders;
  readonly messages: TailMessages = LIVE_ROWS;
  readonly stillHere = "<!-- still here -->\n";
  readonly #room: string;
  readonly #name: string;

  /** @param name stands in the form already */
  constructor(room: string, name: string, headers: OutgoingHttpHeaders) {
    this.#room = room;
    this.#name = name;
    this.headers = headers;
  }

  begin(start: TailStart): string {
    const after = formatPosition({ epoch: start.epoch, offset: start.after });
    const form = { name: this.#name, text: "", once: newOnce(), after };
    // The form stands before what never ends, or it would never come.
    return (
      documentStart(this.#room) +
      roomHeader(this.#room) +
      writeForm(form) +
      `<main tabindex="0" aria-label="Messages"><div class="tail" role="log">\n` +
      whatIsBefore(start) +
      (start.head === 0 ? `<p class="notice is-calm is-empty">Nothing was said here yet.</p>\n` : "")
    );
  }

  beginAgain(start: TailStart): string {
    return lostWords(start);
  }

  refused({ message }: { readonly message: string }, reached: Position): string {
    return ending(`${htmlText(message)} ${behind(reached, "Ask again")}`);
  }

  bye(retryAfterMs: number, reached: Position): string {
    const seconds = Math.ceil(retryAfterMs / 1_000);
    return ending(
      `The server is restarting, and this page ends here. In about ${seconds} s it can ${behind(reached, "go on behind the last message")}.`,
    );
  }
}

/** What the reader asked for and does not get, and where what came earlier can be read. */
function whatIsBefore(start: TailStart): string {
  const { epoch, after, earliest, skipped } = start;
  const lost = lostWords(start);
  if (skipped !== null) {
    const all = linkBehind(epoch, skipped.from - 1);
    return `${lost}<p class="notice is-calm">Messages ${skipped.from} to ${skipped.to} are left out. <a href="${all}">Read them too</a></p>\n`;
  }
  if (after < earliest) return lost;
  const earlier = linkBehind(epoch, Math.max(earliest - 1, after - EARLIER_MESSAGES));
  return `${lost}<p class="notice is-calm"><a href="${earlier}">Begin earlier</a></p>\n`;
}

function lostWords({ lost }: TailStart): string {
  if (lost === null) return "";
  const words =
    "epoch" in lost
      ? "This room began anew: what was said before is no longer here."
      : lost.from === lost.to
        ? `Message ${lost.from} is no longer kept.`
        : `Messages ${lost.from} to ${lost.to} are no longer kept.`;
  return `<p class="notice">${words}</p>\n`;
}

function behind({ epoch, offset }: Position, words: string): string {
  return `<a href="${linkBehind(epoch, offset)}">${words}</a>`;
}

function ending(html: string): string {
  return `<p class="notice" role="alert">${html}</p>\n</div></main>\n</body>\n</html>\n`;
}
