import { render } from "preact";
import { AppModel } from "./model/app-model.ts";
import { KeptTexts, pageStorage } from "./model/kept-texts.ts";
import { App } from "./view/app.tsx";
import { paceRendering } from "./view/paced-rendering.ts";
import { followViewHeight } from "./view/view-height.ts";

// The server writes the base path into the page (build.ts says how), since a `<base>` is forbidden here.
const metaOf = (name: string): string | undefined =>
  document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content;
const basePath = metaOf("parlor-base") ?? "/";
const root = document.getElementById("app");
if (root === null) throw new Error("The page has no element to draw in.");

paceRendering();
followViewHeight();
root.replaceChildren();
render(<App model={new AppModel(basePath, new KeptTexts(pageStorage()), metaOf("parlor-worker"))} />, root);
