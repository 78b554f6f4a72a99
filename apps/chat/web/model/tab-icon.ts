/** The page's icon with a mark: how many speak to you, or only that something is unread. */
export interface TabMark {
  readonly kind: "none" | "unread" | "mentions";
  /** How many speak to you; 0 unless `mentions`. */
  readonly count: number;
}

const SHAPE = "M7 4h10.5a8.5 8.5 0 0 1 0 17H13l-6 7zM13 10v5h4.5a2.5 2.5 0 0 0 0-5z";

/** The icon as a file of its own within its address; null for the plain one. */
export function markedIcon(mark: TabMark): string | null {
  if (mark.kind === "none") return null;
  const count = mark.kind === "unread" ? "" : mark.count > 9 ? "9+" : `${mark.count}`;
  const sign =
    mark.kind === "unread"
      ? '<circle cx="25" cy="7" r="6" fill="#0b6350" stroke="#fff" stroke-width="2"/>'
      : `<rect x="9" y="13" width="23" height="19" rx="6" fill="#b3261e"/><text x="20.5" y="28" text-anchor="middle" font-family="system-ui,sans-serif" font-weight="700" font-size="${count.length > 1 ? 14 : 17}" fill="#fff">${count}</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>path{fill:#0b6350}@media(prefers-color-scheme:dark){path{fill:#74d6b8}}</style><path fill-rule="evenodd" d="${SHAPE}"/>${sign}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

let plain: string | null = null;

/** Shows the icon in the browser's tab. */
export function showTabMark(mark: TabMark): void {
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (link === null) return;
  plain ??= link.href;
  const href = markedIcon(mark) ?? plain;
  if (link.href !== href) link.href = href;
}
