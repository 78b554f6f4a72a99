/** How long a message that was gone to stands out, in ms. */
const MARKED_MS = 2_000;

/** Brings a message that is shown into view and gives it the focus; false where it is not among those. */
export function goToMessage(offset: number): boolean {
  const row = document.querySelector<HTMLElement>(`.message[data-offset="${offset}"]`);
  if (row === null) return false;
  row.scrollIntoView({ block: "center" });
  row.focus({ preventScroll: true });
  // Where the whole room is in sight nothing scrolls, and the list would not see that it is at its end.
  row.closest(".scroll")?.dispatchEvent(new Event("scroll"));
  row.classList.add("is-gone-to");
  setTimeout(() => row.classList.remove("is-gone-to"), MARKED_MS);
  return true;
}
