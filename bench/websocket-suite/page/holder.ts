/** A frame's or a worker's script: opens one socket of the class that its address names, and holds it. */
import { subjectCalled } from "./subjects.ts";

const [name = "", id = ""] = location.hash.slice(1).split("/");
const { Socket } = subjectCalled(decodeURIComponent(name), [location.origin]);
const socket = new Socket(new URL(`/held/${id}`, location.href).href.replace("http", "ws"));
socket.onopen = () => {
  if (globalThis.parent === undefined) globalThis.postMessage(`open ${id}`);
  else globalThis.parent.postMessage(`open ${id}`, "*");
};
