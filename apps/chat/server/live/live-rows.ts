import { formatPosition, type Message } from "@parlor/protocol";
import type { TailBatch, TailMessages } from "@parlor/server";
import { GUEST } from "../../web/model/display-name.ts";
import { identityMark } from "../../web/model/identity-mark.ts";
import { shownMessage, type ShownBody } from "../../web/model/message-body.ts";
import { messageFiles, sizeWords } from "../../web/model/message-files.ts";
import { textParts } from "../../web/model/text-parts.ts";
import { htmlText } from "./html-text.ts";

/** A longer text is folded: one message must not fill the page. */
const MAX_UNFOLDED_CHARACTERS = 3_000;

/** What is shown of a folded one. */
const FOLDED_CHARACTERS = 300;

/** The identity of the server's own code. */
const SERVER = "@server";

// Without a script nobody knows the reader's own hour, so all are of one zone, and the page says which.
const CLOCK_TIME = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

/** The link to what comes behind a message: a query alone, so that it leads to the page that it stands in. */
export function linkBehind(epoch: string, offset: number): string {
  return `?after=${encodeURIComponent(formatPosition({ epoch, offset }))}`;
}

/**
 * Messages as rows of the page, the same for every reader. Each row's time is a link to what comes behind
 * it, which is the reader's cursor. A message that is about another one is not shown as one of its own.
 */
export const LIVE_ROWS: TailMessages = {
  write({ epoch, messages }: TailBatch): string {
    return messages
      .filter((message) => message.re === undefined)
      .map((message) => row(message, epoch))
      .join("");
  },
};

function row(message: Message, epoch: string): string {
  const { from, at, offset } = message;
  const body = shownMessage(message);
  const { hue, tag } = identityMark(from);
  const name = (body.kind === "text" ? body.name : null) ?? (from === SERVER ? "Server" : GUEST);
  return (
    `<article id="m${offset}"><p class="who h${hue}"><bdi>${htmlText(name)}</bdi> <small>${tag}</small></p>\n` +
    `<div class="said">${said(body)}</div>\n` +
    `<a class="when" href="${linkBehind(epoch, offset)}" title="Go on behind this message">` +
    `<time datetime="${new Date(at).toISOString()}">${CLOCK_TIME.format(at)}</time></a></article>\n`
  );
}

function said(body: ShownBody): string {
  switch (body.kind) {
    case "erased":
      return `<p class="is-erased">message erased</p>`;
    case "json":
      return folded(body.text, `<code dir="ltr">${htmlText(body.text)}</code>`);
    case "text":
      return folded(body.text, `<p dir="auto">${linked(body.text)}</p>`) + namesOf(body.files);
  }
}

/** Files by name alone: the rows are the same for all, and a file is for who may read the room. */
function namesOf(files: readonly unknown[] | undefined): string {
  const names = messageFiles({ files })?.map(
    ({ name, size }) => `<bdi>${htmlText(name)}</bdi> (${sizeWords(size)})`,
  );
  return names === undefined ? "" : `<p>Files: ${names.join(", ")}</p>`;
}

function folded(text: string, html: string): string {
  if (text.length <= MAX_UNFOLDED_CHARACTERS) return html;
  const start = htmlText(text.slice(0, FOLDED_CHARACTERS).toWellFormed());
  return (
    `<details><summary>${text.length.toLocaleString("en")} characters, which begin: ` +
    `<bdi>${start}…</bdi></summary>${html}</details>`
  );
}

function linked(text: string): string {
  return textParts(text)
    .map((part) =>
      part.kind === "plain"
        ? htmlText(part.text)
        : `<a href="${htmlText(part.href)}" target="_blank" rel="noopener noreferrer nofollow"><bdi>${htmlText(part.text)}</bdi></a>`,
    )
    .join("");
}
