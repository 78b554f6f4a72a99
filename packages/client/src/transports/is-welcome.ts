/** Whether a text is the server's `welcome`, without reading more of it. */
export function isWelcome(text: string): boolean {
  try {
    return (JSON.parse(text) as { readonly type?: unknown } | null)?.type === "welcome";
  } catch {
    // Whatever it is, it is none.
    return false;
  }
}
