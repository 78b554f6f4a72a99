/**
 * Keeps the page as high as what can be seen of it. Most browsers shrink the page for their keyboard
 * when asked to (the viewport's `interactive-widget`); the others only tell how much is left.
 */
export function followViewHeight(): void {
  const view = window.visualViewport;
  if (view === null) return;
  const tell = (): void => {
    // While somebody zooms in, the visible part says nothing about a keyboard.
    const isCovered = view.scale === 1 && view.height < window.innerHeight - 1;
    const { style } = document.documentElement;
    if (!isCovered) {
      style.removeProperty("--view-height");
      return;
    }
    style.setProperty("--view-height", `${view.height}px`);
    // The browser moved the page up to show the field; now that it fits, it can stand where it stood.
    window.scrollTo(0, 0);
  };
  view.addEventListener("resize", tell);
}
