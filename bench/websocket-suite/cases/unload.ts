import { ok, type SuiteCase } from "../page/suite-case.ts";
import { group } from "./group.ts";

/** The server's word that the connection of that id is over; refused where it lives on. */
async function isEnded(id: string): Promise<void> {
  const response = await fetch(`/ended/${id}`);
  ok(response.ok, "the server does not know");
}

/** A frame of the page with a socket of the class under test, which is open. */
async function frameWithSocket(subject: string, id: string): Promise<HTMLIFrameElement> {
  const frame = document.createElement("iframe");
  const open = new Promise<void>((resolve) => {
    const hear = (message: MessageEvent): void => {
      if (message.data !== `open ${id}`) return;
      removeEventListener("message", hear);
      resolve();
    };
    addEventListener("message", hear);
  });
  frame.src = `/frame.html#${encodeURIComponent(subject)}/${id}`;
  document.body.append(frame);
  await open;
  return frame;
}

export const UNLOAD_CASES: readonly SuiteCase[] = group(
  "unload",
  {
    "a frame that is removed ends its connections": async ({ subject }) => {
      const id = crypto.randomUUID();
      (await frameWithSocket(subject.key, id)).remove();
      await isEnded(id);
    },
    "a frame that goes to another page ends its connections": async ({ subject }) => {
      const id = crypto.randomUUID();
      const frame = await frameWithSocket(subject.key, id);
      frame.src = "about:blank";
      await isEnded(id);
      frame.remove();
    },
    "a worker that is ended ends its connections": async ({ subject }) => {
      const id = crypto.randomUUID();
      const worker = new Worker(`/holder.js#${encodeURIComponent(subject.key)}/${id}`, { type: "module" });
      await new Promise((resolve) => (worker.onmessage = resolve));
      worker.terminate();
      await isEnded(id);
    },
  },
  "window",
);
