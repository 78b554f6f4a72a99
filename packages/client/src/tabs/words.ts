import { TABS_VERSION } from "./version.ts";
import type { TransportClose, TransportKind } from "../transports/transport.ts";

/** From a tab to the hub, about one connection of the tab's client. */
export type TabWord =
  /** Begins it, as a transport's connection does: `hello`, then a `subscribe` from each cursor. */
  | {
      readonly kind: "open";
      readonly base: string;
      readonly opening: readonly string[];
      readonly isHidden: boolean;
    }
  | { readonly kind: "send"; readonly text: string }
  /** So many characters of texts were taken since the last time; and it lives. */
  | { readonly kind: "taken"; readonly characters: number }
  | { readonly kind: "close" };

/** From the hub to a tab, about one connection of the tab's client. */
export type HubWord =
  /** The hub has it, and will say what becomes of it. */
  | { readonly kind: "here" }
  | { readonly kind: "text"; readonly text: string; readonly transport: TransportKind }
  /** Is answered with `taken`. */
  | { readonly kind: "life" }
  | { readonly kind: "close"; readonly close: TransportClose }
  /** This hub can't serve that client; it needs a connection of its own. */
  | { readonly kind: "declined" };

export type TabMessage = { readonly version: number; readonly connection: number } & TabWord;
export type HubMessage = { readonly version: number; readonly connection: number } & HubWord;

/** The hub's side of a line to one tab. What can't be posted is lost; nothing throws. */
export interface HubPort {
  post(message: HubMessage): void;
}

/** Whether a message is of this version; of another one nothing is understood. */
export function isOurs(message: unknown): message is { readonly version: number } {
  return (message as { readonly version?: unknown } | null)?.version === TABS_VERSION;
}
