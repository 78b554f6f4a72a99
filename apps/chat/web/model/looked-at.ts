/** Held by each page of the browser that somebody looks at; shared, since windows may stand side by side. */
const LOCK = "parlor-looked-at";

/** The browser's locks; undefined where it keeps them for secure pages, and this is none. */
export function pageLocks(): LockManager | undefined {
  return (navigator as { readonly locks?: LockManager }).locks;
}

/** Whether somebody looks at this page. */
export function isLookedAt(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

/** Tells the browser's other pages, from now on, while somebody looks at this one. */
export function tellLookedAt(): void {
  const locks = pageLocks();
  if (locks === undefined) return;
  let release: (() => void) | null = null;
  const tell = (): void => {
    if (!isLookedAt()) {
      release?.();
      release = null;
    } else if (release === null) {
      const gone = new Promise<void>((resolve) => (release = resolve));
      void locks.request(LOCK, { mode: "shared" }, () => gone);
    }
  };
  tell();
  for (const event of ["focus", "blur"]) addEventListener(event, tell);
  document.addEventListener("visibilitychange", tell);
}

/** Whether somebody looks at a page of this browser. */
export async function isAnyLookedAt(): Promise<boolean> {
  if (isLookedAt()) return true;
  const { held = [] } = (await pageLocks()?.query()) ?? {};
  return held.some(({ name }) => name === LOCK);
}
