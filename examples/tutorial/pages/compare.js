/** The comparing page: one room in three panes, each carried in its own way, and what that costs. */
import { element } from "./element.js";
import { Pane } from "./pane.js";
import { PollingLink } from "./polling-link.js";
import { SocketLink } from "./socket-link.js";
import { StreamLink } from "./stream-link.js";

/** How often the figures are drawn: fast enough to look live, slow enough to be read. */
const DRAW_MS = 250;

/** What "let it talk" says: 20 messages in 10 seconds, one on each road in turn. */
const TALK_EVERY_MS = 500;
const TALK_MESSAGES = 20;

const room = new URL("../rooms/compare", import.meta.url);
const template = element("pane", HTMLTemplateElement);

/** @type {Pane[]} */
const panes = [];

/**
 * @param {string} id
 * @param {(pane: Pane) => { send(text: string): unknown }} openLink
 */
function openPane(id, openLink) {
  /** @param {string} text */
  const send = (text) => {
    const now = performance.now();
    for (const each of panes) each.tally.expect(text, now);
    link.send(text);
  };
  const pane = new Pane(element(id, HTMLElement), template, send);
  panes.push(pane);
  const link = openLink(pane);
  return { link, send };
}

const polling = openPane("polling", (pane) => new PollingLink(room, pane));
const stream = openPane("stream", (pane) => new StreamLink(room, pane));
const socket = openPane("socket", (pane) => new SocketLink(room, pane));

const interval = element("interval", HTMLSelectElement);
interval.addEventListener("change", () => {
  if (polling.link instanceof PollingLink) polling.link.setInterval(Number(interval.value));
});

element("reset", HTMLButtonElement).addEventListener("click", () => {
  for (const pane of panes) pane.tally.reset();
  draw();
});

const talk = element("talk", HTMLButtonElement);
talk.addEventListener("click", () => {
  talk.disabled = true;
  const started = new Date().toLocaleTimeString("en-GB");
  let said = 0;
  const timer = setInterval(() => {
    said += 1;
    const road = [polling, stream, socket][said % 3];
    road?.send(`${started} · ${said} of ${TALK_MESSAGES}`);
    if (said < TALK_MESSAGES) return;
    clearInterval(timer);
    talk.disabled = false;
  }, TALK_EVERY_MS);
});

function draw() {
  const now = performance.now();
  /** @param {(pane: Pane) => number | null} figure */
  const greatest = (figure) => Math.max(...panes.map((pane) => figure(pane) ?? 0));
  const scale = {
    requests: greatest((pane) => pane.tally.requests),
    bytes: greatest((pane) => pane.tally.bytes),
    last: greatest((pane) => pane.tally.lastMs),
    median: greatest((pane) => pane.tally.medianMs),
    perSecond: greatest((pane) => Math.max(...pane.tally.bytesPerSecond(now))),
  };
  for (const pane of panes) pane.draw(scale, now);
}

setInterval(() => {
  if (!document.hidden) draw();
}, DRAW_MS);
draw();
