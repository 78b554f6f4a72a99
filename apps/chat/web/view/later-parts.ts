import { notices } from "../model/app-model.ts";
import { Loaded } from "../model/loaded.ts";

/** What a page needs only once somebody does something with it. */
export const dialogs = new Loaded(() => import("./dialogs.tsx"));
const pageWorker = new Loaded(() => import("../model/page-worker.ts"));
export const messageActions = new Loaded(() => import("./message-actions.tsx"));
export const filesPart = new Loaded(() => import("./message-files.tsx"));
export const attaching = new Loaded(() => import("./attach.tsx"));

/** Loads all of it, so that it is there when it is wanted, and the page itself with no network. */
export function loadLaterParts(basePath: string): void {
  void dialogs.get();
  void messageActions.get();
  void attaching.get();
  void filesPart.get();
  void notices.get();
  void pageWorker.get().then((part) => part?.registerPageWorker(basePath));
}
