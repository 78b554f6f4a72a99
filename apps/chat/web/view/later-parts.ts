import { preload } from "@parlor/client";
import { notices } from "../model/app-model.ts";
import { Loaded } from "../model/loaded.ts";
import { copying } from "./copying.ts";

/** What a page needs only once somebody does something with it. */
export const dialogs = new Loaded(() => import("./dialogs.tsx"));
const pageWorker = new Loaded(() => import("../model/page-worker.ts"));
export const messageActions = new Loaded(() => import("./message-actions.tsx"));
export const suggesting = new Loaded(() => import("./suggestions.tsx"));
export const filesPart = new Loaded(() => import("./message-files.tsx"));
export const stills = new Loaded(() => import("./stills.ts"));
export const moderationSigns = new Loaded(() => import("./moderation/signs.tsx"));
export const typingLine = new Loaded(() => import("./typing-line.tsx"));
/** What publishing needs: the client loads it by itself, and the page wants to know where that fails. */
const publishing = new Loaded(preload);
export const attaching = new Loaded(() => import("./attach.tsx"));

/** Loads all of it, so that it is there when it is wanted, and the page itself with no network. */
export function loadLaterParts(basePath: string): void {
  void publishing.get();
  void dialogs.get();
  void messageActions.get();
  void suggesting.get();
  void copying.get();
  void stills.get();
  void attaching.get();
  void filesPart.get();
  void notices.get();
  void pageWorker.get().then((part) => part?.registerPageWorker(basePath));
}
