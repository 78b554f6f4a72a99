import { Loaded } from "../model/loaded.ts";

/** What copies a text; loaded behind the room, or when something is copied first. */
export const copying = new Loaded(() => import("./copy-text.ts"));
