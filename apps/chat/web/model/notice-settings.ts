import { isJsonObject } from "@parlor/protocol";
import type { KeptTexts } from "./kept-texts.ts";

/** What may be done when somebody is mentioned, beside what the page shows. Nothing, until it is asked for. */
export interface NoticeSettings {
  /** A notice of the system's. */
  readonly isShown: boolean;
  readonly isHeard: boolean;
  /** Hours in which neither is done; null for none. */
  readonly quiet: QuietHours | null;
}

/** Of the day where the reader is, each as "HH:MM"; from 22:00 to 07:00 is over night, and two the same are the whole day. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

export const NO_NOTICES: NoticeSettings = Object.freeze({ isShown: false, isHeard: false, quiet: null });
export const USUAL_QUIET: QuietHours = Object.freeze({ from: "22:00", to: "07:00" });

const KEY = "parlor.notices";
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

export function readNoticeSettings(texts: KeptTexts): NoticeSettings {
  let kept: unknown;
  try {
    kept = JSON.parse(texts.read(KEY) ?? "null");
  } catch {
    // Intentionally as if nothing was kept: what can't be read asks for nothing.
    return NO_NOTICES;
  }
  if (!isJsonObject(kept)) return NO_NOTICES;
  return {
    isShown: kept["shown"] === true,
    isHeard: kept["heard"] === true,
    quiet: quietHours(kept["quiet"]),
  };
}

export function keepNoticeSettings(texts: KeptTexts, { isShown, isHeard, quiet }: NoticeSettings): void {
  texts.keep(KEY, JSON.stringify({ shown: isShown, heard: isHeard, quiet }));
}

function quietHours(kept: unknown): QuietHours | null {
  if (!isJsonObject(kept)) return null;
  const { from, to } = kept;
  return isTime(from) && isTime(to) ? { from, to } : null;
}

export function isTime(value: unknown): value is string {
  return typeof value === "string" && TIME.test(value);
}

/** Whether it is quiet at that time of the day, "HH:MM": from the first minute on, up to the last, which is none of it. */
export function isQuietAt(time: string, quiet: QuietHours | null): boolean {
  if (quiet === null) return false;
  const { from, to } = quiet;
  return from < to ? time >= from && time < to : time >= from || time < to;
}
