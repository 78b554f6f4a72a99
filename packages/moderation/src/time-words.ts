/** `28 Nov 2026, 17:50 UTC`: a refusal says until when, and its reader may be anywhere. */
export function timeWords(at: number): string {
  const date = new Date(at).toUTCString();
  return `${date.slice(5, 16)}, ${date.slice(17, 22)} UTC`;
}
