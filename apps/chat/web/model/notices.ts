import type { KeptTexts } from "./kept-texts.ts";
import { isAnyLookedAt, pageLocks, tellLookedAt } from "./looked-at.ts";
import { playNotice } from "./notice-sound.ts";
import { isQuietAt, readNoticeSettings } from "./notice-settings.ts";
import { roomLabel } from "./room-label.ts";

export { showTabMark } from "./tab-icon.ts";

/** Somebody was mentioned. */
export interface Mention {
  readonly room: string;
  readonly offset: number;
  /** Who mentions them. */
  readonly by: string;
  readonly text: string;
  /** Where the message is, as an address. */
  readonly address: string;
}

const MAX_CHARACTERS = 160;
/** How long one page of the browser has a mention for itself, in ms: another may hear of it a little later. */
const TOLD_FOR_MS = 5_000;

tellLookedAt();

/** Tells of a mention as the person wants it, once for all pages of the browser. */
export async function tellMention(mention: Mention, texts: KeptTexts, open: () => void): Promise<void> {
  const { isShown, isHeard, quiet } = readNoticeSettings(texts);
  if (!(isShown || isHeard) || isQuietAt(timeOfDay(new Date()), quiet) || (await isAnyLookedAt())) return;
  const name = `parlor-notice ${mention.room} ${mention.offset}`;
  await asTheOnlyPage(name, async () => {
    if (isHeard) playNotice();
    if (isShown && noticesAllowed() === "granted") await show(mention, name, open);
  });
}

/** Whether the browser lets this page show notices. */
export function noticesAllowed(): NotificationPermission | "missing" {
  return "Notification" in globalThis ? Notification.permission : "missing";
}

async function show({ room, by, text, address }: Mention, tag: string, open: () => void): Promise<void> {
  const body = text.slice(0, MAX_CHARACTERS).toWellFormed();
  const icon = document.querySelector<HTMLLinkElement>("link[rel=apple-touch-icon]")?.href;
  const options = { body, tag, data: address, ...(icon === undefined ? {} : { icon }) };
  const title = `${by} · ${roomLabel(room)}`;
  try {
    const notice = new Notification(title, options);
    notice.addEventListener("click", () => {
      window.focus();
      open();
      notice.close();
    });
  } catch {
    // Phones allow it only to the service worker, which opens the address itself.
    const worker = await navigator.serviceWorker.getRegistration();
    await worker?.showNotification(title, options);
  }
}

/** Of all pages that hear of the same thing, one acts; where the browser has no locks, each. */
async function asTheOnlyPage(name: string, act: () => Promise<void>): Promise<void> {
  const locks = pageLocks();
  if (locks === undefined) return await act();
  await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    await act();
    await new Promise((resolve) => setTimeout(resolve, TOLD_FOR_MS));
  });
}

function timeOfDay(now: Date): string {
  return `${now.getHours()}`.padStart(2, "0") + ":" + `${now.getMinutes()}`.padStart(2, "0");
}
