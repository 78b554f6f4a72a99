/**
 * The teaching page: steps on the left, the very file they speak of in the middle, and that file running
 * on the right with its socket under observation.
 */
import { CodeView } from "./code-view.js";
import { element } from "./element.js";
import { LiveView } from "./live-view.js";
import { StepView } from "./step-view.js";

const live = new LiveView({
  frame: element("frame", HTMLIFrameElement),
  readyStates: element("ready-states", HTMLOListElement),
  events: element("events", HTMLUListElement),
  trace: element("trace", HTMLOListElement),
  page: new URL("watched.html", import.meta.url),
});

const lastingPart = element("lasting", HTMLElement);
/** The same page with its one line changed, in the last step. */
const lasting = new LiveView({
  frame: element("lasting-frame", HTMLIFrameElement),
  readyStates: null,
  events: null,
  trace: element("lasting-trace", HTMLOListElement),
  page: new URL("watched-lasting.html", import.meta.url),
});

const code = new CodeView(element("code", HTMLOListElement), element("code-facts", HTMLElement));
const steps = new StepView(element("lesson", HTMLElement), (marks, id) => {
  code.highlight(marks);
  const isLast = id === "step-7";
  if (isLast && lastingPart.hidden) lasting.refresh();
  lastingPart.hidden = !isLast;
});

const actions = /** @type {Readonly<Record<string, () => void>>} */ ({
  refresh: () => live.refresh(),
  cut: () => {
    live.cut();
    lasting.cut();
  },
  without: () => live.refresh("#without-websocket"),
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-do]") : null;
  if (button instanceof HTMLElement) actions[button.dataset["do"] ?? ""]?.();
});

live.refresh();
steps.showFromAddress();
await code.load(new URL("chat.html", import.meta.url));
