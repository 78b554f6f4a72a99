import { randomId } from "@parlor/base";
import { MAX_NAME_CHARACTERS } from "../../web/model/display-name.ts";
import { htmlText } from "./html-text.ts";
import { STYLE_ELEMENT } from "./live-style.ts";

/** What stands in the form when it is shown. */
export interface FormContent {
  readonly name: string;
  readonly text: string;
  /** Stands for the publish that the form will make, so that it is made once. */
  readonly once: string;
  /** Where the page around it began, as a position; empty for where any page begins. */
  readonly after: string;
}

/** Characters of a form's `once`: 132 bits. */
const ONCE_CHARACTERS = 22;

export function newOnce(): string {
  return randomId(ONCE_CHARACTERS);
}

/** The beginning of every page, up to its body. All addresses are relative to the page's own. */
export function documentStart(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${htmlText(title)} – Parlor</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="../../favicon.ico">
${STYLE_ELEMENT}
</head>
<body>
`;
}

export function roomHeader(room: string): string {
  return `<header class="top">
<h1><bdi>${htmlText(room)}</bdi></h1>
<p>New messages appear by themselves. If they stop, the newest one’s time (UTC) is the link to go on behind it. <a href="../${encodeURIComponent(room)}">The page with JavaScript</a></p>
</header>
`;
}

export function writeForm({ name, text, once, after }: FormContent): string {
  const hidden = (field: string, value: string): string =>
    `<input type="hidden" name="${field}" value="${htmlText(value)}" autocomplete="off">`;
  return `<form method="post" action="live.html" accept-charset="utf-8">
${hidden("once", once)}
${hidden("after", after)}
<label class="by">Your name <input name="name" value="${htmlText(name)}" maxlength="${MAX_NAME_CHARACTERS}" placeholder="Guest" autocomplete="nickname"></label>
<label>Message <input name="text" value="${htmlText(text)}" required autofocus autocomplete="off" enterkeyhint="send"></label>
<button>Send</button>
</form>
`;
}

export interface Notice {
  readonly title: string;
  readonly sentence: string;
  /** Where the reader can go from here, relative to this page. */
  readonly way: { readonly href: string; readonly words: string };
  /** What was written, to be sent again; null where that makes no sense. */
  readonly form: FormContent | null;
}

/** A whole page that says one thing. */
export function noticeDocument({ title, sentence, way, form }: Notice): string {
  return `${documentStart(title)}<header class="top"><h1>${htmlText(title)}</h1></header>
<div class="plain"><p class="notice" role="alert">${htmlText(sentence)}</p>
<p><a href="${htmlText(way.href)}">${htmlText(way.words)}</a></p></div>
${form === null ? "" : writeForm(form)}</body>
</html>
`;
}
