import { systemClock } from "@parlor/base";
import { check } from "./check.ts";
import { onlySocket, socketTo, type CoreOptions } from "./core-options.ts";
import { meansTo } from "./means-to.ts";
import type { OutboxLimits } from "./outbox.ts";
import { passesNow } from "./passes-now.ts";
import { ChosenTransport } from "./transports/chosen-transport.ts";
import type { Link } from "./transports/link.ts";
import type { RacingLink } from "./transports/means.ts";
import type { TransportKind } from "./transports/transport.ts";

/** What a client can be told at its making. `undefined` is the same as leaving it out. */
export interface ClientOptions extends CoreOptions {
  /**
   * Publishes of one room that may wait for their ack. Above it `publish` rejects with `unavailable` and
   * takes nothing.
   *
   * @default 1_000. `Infinity` removes the bound.
   */
  readonly maxOutboxCount?: number | undefined;
  /**
   * Bytes of JSON of one room that may wait for their ack, as `maxOutboxCount`.
   *
   * @default 8_388_608 (8 MiB). `Infinity` removes the bound.
   */
  readonly maxOutboxBytes?: number | undefined;
  /**
   * Whether publishes are kept in the browser (IndexedDB) until the server has answered them for good: then they
   * outlive a reload, a crash and a week without a network, and the next page of this origin with the same owner sends
   * what is left, each once and in order. At most 5,000 of 32 MiB for a client, for 30 days. Where the browser keeps
   * nothing they live in memory, as without it; `outboxStorage` says so.
   *
   * `owner` says whose they are, where people sign in to the application: any text that is theirs alone. Nobody
   * else's page shows or sends them.
   *
   * @default true in a page, false elsewhere. The owner is who has the `key`; with a `token` the identity, so that
   *   what was kept goes out once a welcome says who is here
   */
  readonly keepOutbox?: boolean | { readonly owner: string } | undefined;
  /**
   * The ways to the server, best first. The first gets a head start, those that follow are tried where
   * it is late or fails, and while a lesser one is in use the better ones are tried again. One alone is
   * the only one. Where the platform has no `WebSocket` that one is left out.
   *
   * @default ["websocket", "stream", "poll"]
   */
  readonly transports?: readonly TransportKind[] | undefined;
  /** Makes the requests of `stream` and `poll`. @default the platform's `fetch` */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export const CLIENT_DEFAULTS = Object.freeze({
  maxOutboxCount: 1_000,
  maxOutboxBytes: 8_388_608,
  transports: ["websocket", "stream", "poll"] as readonly TransportKind[],
});

/** @throws {CodedError} `bad-option` */
export function outboxLimits(options: ClientOptions): OutboxLimits {
  const { maxOutboxCount: maxCount = CLIENT_DEFAULTS.maxOutboxCount } = options;
  const { maxOutboxBytes: maxBytes = CLIENT_DEFAULTS.maxOutboxBytes } = options;
  check(maxCount >= 1 && maxBytes >= 1, "bad-option", "The bounds of an outbox are numbers from 1.");
  return { maxCount, maxBytes };
}

/**
 * What carries the frames: the best of the ways to the server that gets through.
 *
 * @throws {CodedError} `bad-option`
 */
export function chosenLink(base: URL, options: ClientOptions): Link {
  const { transports = CLIENT_DEFAULTS.transports } = options;
  const isKnown =
    transports.length > 0 && transports.every((kind) => CLIENT_DEFAULTS.transports.includes(kind));
  check(isKnown, "bad-option", '`transports` names one or more of "websocket", "stream" and "poll".');
  const { clock = systemClock } = options;
  const socket = socketTo(base, options, passesNow);
  const kinds = transports.filter((kind) => kind !== "websocket" || socket !== null);
  if (kinds.every((kind) => kind === "websocket")) return socket ?? onlySocket(base, options);
  const means = meansTo(base, options, kinds, socket, clock);
  const load = async (): Promise<RacingLink> => {
    const { racingTransport } = await import("./transports/racing-transport.ts");
    return racingTransport(means);
  };
  // Another origin would first be asked whether it may be asked; and a token may be good for one use only.
  const isQuick = globalThis.document?.location.origin === base.origin && options.token === undefined;
  return new ChosenTransport(means, load, isQuick && kinds.includes("poll"));
}
