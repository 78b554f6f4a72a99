/** What a key means, wherever the focus is; null where it is none of the page's. */
export type KeyMeaning =
  | { readonly kind: "help" | "search" | "find" | "compose" }
  | { readonly kind: "region"; readonly step: 1 | -1 }
  | { readonly kind: "room"; readonly step: 1 | -1; readonly isUnread: boolean };

export interface Press {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

/** @param isTyping the focus is where characters are written */
export function keyMeaning(press: Press, isTyping: boolean): KeyMeaning | null {
  const { key, altKey, shiftKey } = press;
  const isCommand = (press.ctrlKey || press.metaKey) && !altKey;
  if (key === "F6" && !isCommand && !altKey) return { kind: "region", step: shiftKey ? -1 : 1 };
  if (isCommand) {
    if (key === "/" || (key === "?" && shiftKey)) return { kind: "help" };
    if (key.toLowerCase() === "f" && shiftKey) return { kind: "find" };
    return key.toLowerCase() === "k" && !shiftKey ? { kind: "search" } : null;
  }
  if (altKey && (key === "ArrowDown" || key === "ArrowUp")) {
    return { kind: "room", step: key === "ArrowDown" ? 1 : -1, isUnread: shiftKey };
  }
  if (altKey || isTyping) return null;
  if (key === "?") return { kind: "help" };
  if (key === "/") return { kind: "find" };
  return key === "Escape" ? { kind: "compose" } : null;
}

/** Whether a key does something with the message that has the focus. */
export function isActionKey(key: string): boolean {
  return /^([relpm!+]|Delete)$/i.test(key);
}
