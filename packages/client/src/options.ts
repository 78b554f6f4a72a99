import { randomId, systemClock, systemRandom, type Clock, type Random } from "@parlor/base";
import { isIdentityKey, isProducer, type FrameEncoding } from "@parlor/protocol";
import { check } from "./check.ts";
import { loadKey, platformKeyStorage, type KeyStorage, type LoadedKey } from "./key-storage.ts";
import type { OutboxLimits } from "./outbox.ts";
import { ChosenTransport } from "./transports/chosen-transport.ts";
import { Contender, type ContenderHost } from "./transports/contender.ts";
import type { Link } from "./transports/link.ts";
import type { RacingLink } from "./transports/means.ts";
import { QuickStart } from "./transports/quick-start.ts";
import { TransportHistory } from "./transports/transport-history.ts";
import type { Transport, TransportKind } from "./transports/transport.ts";
import { WebSocketTransport, type WebSocketConstructor } from "./transports/websocket-transport.ts";
import { platformWake, type WakeSource } from "./wake.ts";

/** What a client can be told at its making. `undefined` is the same as leaving it out. */
export interface ClientOptions {
  /**
   * The secret whose hash is the identity: 22 to 64 random characters, one for each server.
   *
   * @default The one kept in `storage`; where there is none a fresh one, which is then kept.
   */
  readonly key?: string | undefined;
  /** Where keys are kept. @default the page's `localStorage`; elsewhere keys live as long as the client */
  readonly storage?: KeyStorage | undefined;
  /**
   * The id of this client's outbox: 8 to 32 characters of `[A-Za-z0-9_-]`. Two clients of one identity
   * must not share one: their seqs would collide, and one's messages be taken for the other's.
   *
   * @default 16 random characters
   */
  readonly producer?: string | undefined;
  /**
   * Gives the token for the host's `authenticate`, asked anew for every connection. If it throws or
   * rejects, that try to connect has failed and its sentence is the reason. @default no token
   */
  readonly token?: (() => string | Promise<string>) | undefined;
  /** Shown to others with one's presence; at most 1,024 bytes of JSON. @default none */
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
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
   * The ways to the server, best first. The first gets a head start, those that follow are tried where
   * it is late or fails, and while a lesser one is in use the better ones are tried again. One alone is
   * the only one. Where the platform has no `WebSocket` that one is left out.
   *
   * @default ["websocket", "stream", "poll"]
   */
  readonly transports?: readonly TransportKind[] | undefined;
  /** The class that opens sockets. @default the platform's `WebSocket` */
  readonly webSocket?: WebSocketConstructor | undefined;
  /**
   * A binary form of the frames, for WebSockets to servers that speak it: `msgpack` of `@parlor/msgpack`. With
   * it frames are smaller and bytes travel as bytes; what is published and delivered is the same.
   *
   * @default JSON, which is also spoken over `stream` and `poll` and with servers that don't know the encoding
   */
  readonly encoding?: FrameEncoding | undefined;
  /** Makes the requests of `stream` and `poll`. @default the platform's `fetch` */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Carries the frames, in place of `transports`. @default none */
  readonly transport?: Transport | undefined;
  /** @default the events of the page */
  readonly wake?: WakeSource | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Spreads the tries to reconnect; it makes no secrets. @default the system's */
  readonly random?: Random | undefined;
}

export interface ResolvedOptions {
  /** Read at the first call: what a page keeps takes milliseconds to come, in which a connection can begin. */
  readonly key: () => LoadedKey;
  readonly producer: string;
  readonly token: (() => string | Promise<string>) | undefined;
  readonly profile: Readonly<Record<string, unknown>> | undefined;
  readonly outbox: OutboxLimits;
  readonly link: Link;
  readonly wake: WakeSource;
  readonly clock: Clock;
  readonly random: Random;
}

export const CLIENT_DEFAULTS = Object.freeze({
  maxOutboxCount: 1_000,
  maxOutboxBytes: 8_388_608,
  producerCharacters: 16,
  transports: ["websocket", "stream", "poll"] as readonly TransportKind[],
});

/** @throws {CodedError} `bad-url` or `bad-option`, in words. */
export function resolveOptions(url: string | URL | undefined, options: ClientOptions): ResolvedOptions {
  const address = baseAddress(url);
  const { key, producer = randomId(CLIENT_DEFAULTS.producerCharacters) } = options;
  const { maxOutboxCount: maxCount = CLIENT_DEFAULTS.maxOutboxCount } = options;
  const { maxOutboxBytes: maxBytes = CLIENT_DEFAULTS.maxOutboxBytes } = options;
  const { clock = systemClock, random = systemRandom } = options;
  check(key === undefined || isIdentityKey(key), "bad-option", "`key` is a string of 22 to 64 characters.");
  check(isProducer(producer), "bad-option", "`producer` is 8 to 32 characters of [A-Za-z0-9_-].");
  check(maxCount >= 1 && maxBytes >= 1, "bad-option", "The bounds of an outbox are numbers from 1.");
  let loaded: LoadedKey | null = key === undefined ? null : { key, origin: { kind: "given" } };
  return {
    key: () => (loaded ??= loadKey(options.storage ?? platformKeyStorage(), address.origin)),
    producer,
    token: options.token,
    profile: options.profile,
    outbox: { maxCount, maxBytes },
    link: options.transport ?? chosenLink(address, options, clock, random),
    wake: options.wake ?? platformWake,
    clock,
    random,
  };
}

function chosenLink(base: URL, options: ClientOptions, clock: Clock, random: Random): Link {
  const { webSocket = globalThis.WebSocket, transports = CLIENT_DEFAULTS.transports } = options;
  const { fetch = (...request) => globalThis.fetch(...request) } = options;
  const isKnown =
    transports.length > 0 && transports.every((kind) => CLIENT_DEFAULTS.transports.includes(kind));
  check(isKnown, "bad-option", '`transports` names one or more of "websocket", "stream" and "poll".');
  const socketUrl = `${base.href.replace("http", "ws")}connect`;
  const socket =
    webSocket === undefined ? null : new WebSocketTransport(socketUrl, webSocket, options.encoding);
  const kinds = transports.filter((kind) => kind !== "websocket" || socket !== null);
  const [only] = kinds;
  check(only !== undefined, "bad-option", "This platform has no `WebSocket`.");
  if (only === "websocket" && kinds.length === 1 && socket !== null) return socket;
  const history = new TransportHistory(platformKeyStorage("parlor.transport"), base.origin);
  const contend = (transport: Transport, host: ContenderHost): Contender =>
    new Contender(transport, clock.monotonic(), host);
  const means = { kinds, socket, base: base.href, fetch, clock, random, history, contend };
  const load = async (): Promise<RacingLink> => {
    const { RacingTransport } = await import("./transports/racing-transport.ts");
    return new RacingTransport(means);
  };
  // Another origin would first be asked whether it may be asked; and a token may be good for one use only.
  const isQuick = globalThis.document?.location.origin === base.origin && options.token === undefined;
  return isQuick && kinds.includes("poll") ? new QuickStart(means, load) : new ChosenTransport(means, load);
}

/** A server's base address, with `http:` or `https:` and a slash at its end. */
function baseAddress(url: string | URL | undefined): URL {
  const page = globalThis.document?.location.origin;
  const base = url ?? page ?? "";
  check(URL.canParse(base, page), "bad-url", `"${base}" is not the address of a server.`);
  const { protocol, host, pathname, search, hash, username } = new URL(base, page);
  check(/^(http|ws)s?:$/.test(protocol), "bad-url", "An address begins with http, https, ws or wss.");
  check(search + hash + username === "", "bad-url", "An address has no query, no fragment and no user.");
  return new URL(`${protocol.replace("ws", "http")}//${host}${pathname.replace(/\/?$/, "/")}`);
}
