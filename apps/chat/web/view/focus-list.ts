/** Where the focus goes from a button over the list that is about to be gone. */
export function focusList(): void {
  document.querySelector<HTMLElement>("[role=log]")?.focus();
}
