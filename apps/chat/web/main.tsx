import { render } from "preact";
import { AppModel } from "./model/app-model.ts";
import { KeptTexts, pageStorage } from "./model/kept-texts.ts";
import { clockTime } from "./model/time-words.ts";
import { App } from "./view/app.tsx";
import { paceRendering } from "./view/paced-rendering.ts";
import { followViewHeight } from "./view/view-height.ts";

// The server writes the base path into the page (build.ts says how), since a `<base>` is forbidden here.
const metaOf = (name: string): string | undefined =>
  document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content;
const basePath = metaOf("parlor-base") ?? "/";
const root = document.getElementById("app");
if (root === null) throw new Error("The page has no element to draw in.");

const { port1: now, port2: soon } = new MessageChannel();

/** A task of its own: what a phone does in one it can't answer a finger in. A timer would wait in a page behind others. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    now.onmessage = () => resolve();
    soon.postMessage(null);
  });
}

/** In tasks: the code that was read, the model and its connection, the first drawing, and what messages need. */
async function begin(drawnIn: HTMLElement): Promise<void> {
  paceRendering();
  followViewHeight();
  await nextTask();
  const texts = new KeptTexts(pageStorage("localStorage"), pageStorage("sessionStorage"));
  const model = new AppModel(basePath, texts, metaOf("parlor-worker"));
  await nextTask();
  drawnIn.replaceChildren();
  render(<App model={model} />, drawnIn);
  await nextTask();
  now.close();
  // The browser reads its tables of times while the network is waited for, and not with the first messages.
  clockTime(0);
}

void begin(root);
