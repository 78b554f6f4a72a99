import type { ReceivedFrame } from "@parlor/protocol";

/** Whether a frame is the server's `welcome`, without reading more of it. */
export function isWelcome(frame: ReceivedFrame): boolean {
  try {
    const value: unknown = typeof frame === "string" ? JSON.parse(frame) : frame;
    return (value as { readonly type?: unknown } | null)?.type === "welcome";
  } catch {
    // Whatever it is, it is none.
    return false;
  }
}
