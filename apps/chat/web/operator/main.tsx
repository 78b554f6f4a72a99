import { render } from "preact";
import { App } from "./app.tsx";

const basePath = document.querySelector<HTMLMetaElement>("meta[name=parlor-base]")?.content ?? "/";
const root = document.getElementById("app");
if (root === null) throw new Error("The page has no element to draw in.");

root.replaceChildren();
render(<App basePath={basePath} />, root);
