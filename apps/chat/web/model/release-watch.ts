import { effect } from "@preact/signals";
import { failedLoads } from "./loaded.ts";

/**
 * Calls `onReplaced` once a part of this page could not be loaded because the server has another release by now: the
 * files of this one are gone, and no try will bring them.
 */
export function watchRelease(onReplaced: () => void): void {
  const script = document.querySelector<HTMLScriptElement>("script[type=module]")?.src ?? "";
  let isAsking = false;
  effect(() => {
    if (failedLoads.value === 0 || isAsking) return;
    isAsking = true;
    void isServed(script).then((is) => {
      isAsking = false;
      if (!is) onReplaced();
    });
  });
}

/** Whether the page that the server has now begins with that script. Without an answer nothing speaks against it. */
async function isServed(script: string): Promise<boolean> {
  try {
    const page = await fetch("", { cache: "no-store" });
    return !page.ok || (await page.text()).includes(script.slice(script.lastIndexOf("/")));
  } catch {
    // Intentionally not told: the connection's sign says that there is no network.
    return true;
  }
}
