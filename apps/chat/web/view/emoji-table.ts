import { Loaded } from "../model/loaded.ts";

/** All emoji with their names; loaded when somebody first looks for one. */
export const emojiTable = new Loaded(() => import("../model/emoji.ts"));
