import { BESIDE_MUTANTS } from "./beside.ts";
import { BYTES_MUTANTS } from "./bytes.ts";
import { CLIENT_MUTANTS } from "./client.ts";
import { CLIENT_REQUEST_MUTANTS } from "./client-requests.ts";
import { COPY_MUTANTS } from "./copy.ts";
import { INVARIANT_MUTANTS } from "./invariants.ts";
import { KEPT_OUTBOX_MUTANTS } from "./kept-outbox.ts";
import { LIVE_PAGE_MUTANTS } from "./live-page.ts";
import { LOG_MUTANTS } from "./log.ts";
import type { Mutant } from "./mutant.ts";
import { NATS_MUTANTS } from "./nats.ts";
import { OPERATOR_MUTANTS } from "./operator.ts";
import { PAGE_OUTBOX_MUTANTS } from "./page-outbox.ts";
import { PRESENCE_MUTANTS } from "./presence.ts";
import { SERVER_MUTANTS } from "./server.ts";
import { SIGNAL_MUTANTS } from "./signals.ts";

/** Every mutant, in the order in which they are tried. */
export const MUTANTS: readonly Mutant[] = [
  ...LOG_MUTANTS,
  ...NATS_MUTANTS,
  ...COPY_MUTANTS,
  ...SERVER_MUTANTS,
  ...SIGNAL_MUTANTS,
  ...PRESENCE_MUTANTS,
  ...BYTES_MUTANTS,
  ...LIVE_PAGE_MUTANTS,
  ...CLIENT_MUTANTS,
  ...CLIENT_REQUEST_MUTANTS,
  ...KEPT_OUTBOX_MUTANTS,
  ...PAGE_OUTBOX_MUTANTS,
  ...OPERATOR_MUTANTS,
  ...INVARIANT_MUTANTS,
  ...BESIDE_MUTANTS,
];
