import { notices } from "../model/app-model.ts";
import { Loaded } from "../model/loaded.ts";

/** What a page needs only once somebody does something with it. */
export const dialogs = new Loaded(() => import("./dialogs.tsx"));
export const messageActions = new Loaded(() => import("./message-actions.tsx"));

/** Loads all of it, so that it is there when it is wanted, with or without a network. */
export function loadLaterParts(): void {
  void dialogs.get();
  void messageActions.get();
  void notices.get();
}
