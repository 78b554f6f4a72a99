import { PRODUCER_CHARACTERS } from "./bounds.ts";
import { randomId, systemClock, systemRandom, type Clock, type Random } from "@parlor/base";
import {
  decodeServerFrame,
  isIdentityKey,
  isProducer,
  type SocketEncoding,
  type WebSocketConstructor,
} from "@parlor/protocol";
import type { CoreSettings } from "./client-core.ts";
import { check } from "./check.ts";
import type { Failure } from "./effects.ts";
import { errorOf } from "./error-of.ts";
import { KeepAlive } from "./keep-alive.ts";
import {
  loadKey,
  platformKeyStorage,
  type KeyOrigin,
  type KeyStorage,
  type LoadedKey,
} from "./key-storage.ts";
import type { Link } from "./transports/link.ts";
import type { Transport } from "./transports/transport.ts";
import { webSocketTransport } from "./transports/websocket-transport.ts";
import { platformWake, type WakeSource } from "./wake.ts";

/** What a client that listens can be told at its making. `undefined` is the same as leaving it out. */
export interface CoreOptions {
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
   * rejects, that try to connect has failed and its sentence is the reason. `ParlorClient` asks for another before
   * a token ends, too, and renews it on the connection that there is. @default no token
   */
  readonly token?: (() => string | Promise<string>) | undefined;
  /** Shown to others with one's presence; at most 1,024 bytes of JSON. @default none */
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
  /** The class that opens sockets. @default the platform's `WebSocket` */
  readonly webSocket?: WebSocketConstructor | undefined;
  /**
   * A binary form of the frames, for WebSockets to servers that speak it: `msgpack` of `@parlor/msgpack`. With
   * it frames are smaller and bytes travel as bytes; what is published and delivered is the same.
   *
   * @default JSON, which is also spoken over `stream` and `poll` and with servers that don't know the encoding
   */
  readonly encoding?: SocketEncoding | undefined;
  /** Carries the frames, in place of `transports`. @default none */
  readonly transport?: Transport | undefined;
  /** @internal What connects, where there is no `transport`. @default a WebSocket */
  readonly linkTo?: ((base: URL, options: CoreOptions) => Link) | undefined;
  /** @default the events of the page */
  readonly wake?: WakeSource | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Spreads the tries to reconnect; it makes no secrets. @default the system's */
  readonly random?: Random | undefined;
}

/** What one kind of client is made of, and another otherwise. */
export interface ClientParts {
  readonly link: Link;
  readonly decode: CoreSettings["decode"];
  readonly clock: Clock;
  /** Read at the first call: what a page keeps takes milliseconds to come, in which a connection can begin. */
  readonly key: () => string;
  /** Holds the process. @default nothing does */
  readonly keepAlive?: KeepAlive | undefined;
  /** What is thrown of a failure. */
  readonly errorOf: (failure: Failure) => unknown;
}

export interface ResolvedOptions extends CoreSettings, ClientParts {
  readonly token: (() => string | Promise<string>) | undefined;
  readonly wake: WakeSource;
  readonly random: Random;
}

/** @throws {CodedError} `bad-url` or `bad-option`, in words. */
export function resolveOptions(
  url: string | URL | undefined,
  options: CoreOptions,
): ResolvedOptions & { readonly keyOrigin: () => KeyOrigin } {
  const address = baseAddress(url);
  const { producer } = options;
  check(
    producer === undefined || isProducer(producer),
    "bad-option",
    "`producer` is 8 to 32 characters of [A-Za-z0-9_-].",
  );
  const { key, clock = systemClock } = options;
  check(key === undefined || isIdentityKey(key), "bad-option", "`key` is a string of 22 to 64 characters.");
  let loaded: LoadedKey | null = key === undefined ? null : { key, origin: { kind: "given" } };
  const load = (): LoadedKey => (loaded ??= loadKey(options.storage ?? platformKeyStorage(), address.origin));
  const resolved = resolveFor(options, {
    link: options.transport ?? (options.linkTo ?? onlySocket)(address, options),
    decode: decodeServerFrame,
    key: () => load().key,
    clock,
    keepAlive: new KeepAlive(),
    errorOf,
  });
  return { ...resolved, keyOrigin: () => load().origin };
}

export function resolveFor(options: CoreOptions, parts: ClientParts): ResolvedOptions {
  const { producer = randomId(PRODUCER_CHARACTERS), token, profile } = options;
  const { wake = platformWake, random = systemRandom } = options;
  return {
    producer,
    token,
    profile,
    wake,
    random,
    ...parts,
  };
}

/** Whether to send a text at all, to a socket as full as that. */
type Passes = (text: string, bufferedAmount: number) => boolean;

/** null where the platform has no `WebSocket`. */
export function socketTo(base: URL, options: CoreOptions, passes?: Passes): Transport | null {
  const { webSocket = globalThis.WebSocket, encoding } = options;
  if (webSocket === undefined) return null;
  return webSocketTransport(socketUrl(base), encoding?.over(webSocket) ?? webSocket, passes);
}

/** Where the WebSockets of the server at `base` begin. */
export function socketUrl({ href }: URL): string {
  return `${href.replace("http", "ws")}connect`;
}

/** @throws {CodedError} `bad-option` */
export function onlySocket(base: URL, options: CoreOptions): Transport {
  const socket = socketTo(base, options);
  check(socket !== null, "bad-option", "This platform has no `WebSocket`.");
  return socket;
}

/** A server's base address, with `http:` or `https:` and a slash at its end. */
export function baseAddress(url: string | URL | undefined): URL {
  const page = globalThis.document?.location.origin;
  const base = url ?? page ?? "";
  check(URL.canParse(base, page), "bad-url", `"${base}" is not the address of a server.`);
  const { protocol, host, pathname, search, hash, username } = new URL(base, page);
  check(/^(http|ws)s?:$/.test(protocol), "bad-url", "An address begins with http, https, ws or wss.");
  check(search + hash + username === "", "bad-url", "An address has no query, no fragment and no user.");
  return new URL(`${protocol.replace("ws", "http")}//${host}${pathname.replace(/\/?$/, "/")}`);
}
