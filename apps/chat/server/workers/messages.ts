import type { Settings } from "../flag-table.ts";

/** What the supervisor says to the processes that it started. */
export type ToChild =
  | {
      readonly kind: "start";
      readonly settings: Settings;
      readonly version: string;
      /** The local socket between the owner of the log and the workers. */
      readonly path: string;
      /** Which worker; 0 for the owner. */
      readonly number: number;
    }
  /** Store and answer what was accepted, and end. */
  | { readonly kind: "stop" };

/** What they say to the supervisor. */
export type FromChild =
  /** The owner has opened the log and takes workers. */
  | { readonly kind: "opened" }
  /** The worker takes connections. */
  | { readonly kind: "serving"; readonly url: string; readonly keptWhere: string }
  /** An operator asked for an end of everything, as by SIGTERM. */
  | { readonly kind: "stop-all" }
  /** It can't start as it was asked to, and ends. */
  | { readonly kind: "fault"; readonly message: string };
