import type {
  Contract,
  MethodOf,
  NoContract,
  ParamsOf,
  ResultOf,
  RoomTypesOf,
  UndeclaredMethod,
} from "@parlor/contract";
import { roomNameFault } from "@parlor/protocol";
import { check } from "./check.ts";
import { ClientShell, type ClientNotice } from "./client-shell.ts";
import type { ConnectionState } from "./connection-state.ts";
import { Emitter } from "./emitter.ts";
import type { KeyOrigin, LoadedKey } from "./key-storage.ts";
import { resolveOptions, type ClientOptions } from "./options.ts";
import { checkBody } from "./publish-body.ts";
import type { RequestOptions } from "./requests.ts";
import { ClientRoom } from "./room.ts";

/** What a request is called with behind its method; parameters that may be undefined may be left out. */
export type AskedOf<Params> = undefined extends Params
  ? [params?: Params, options?: RequestOptions]
  : [params: Params, options?: RequestOptions];

/** The events of a client, with what their listeners are given. */
export interface ClientEvents extends Record<string, readonly unknown[]> {
  readonly state: readonly [state: ConnectionState];
  /** The server refused something that belongs to no room, publish or question. */
  readonly error: readonly [error: { readonly code: string; readonly message: string }];
}

/**
 * A lasting link to one server, and the rooms there.
 *
 * It connects when something is asked of it, and from then on comes back by itself: after a lost
 * connection, a restarted server, a machine that slept. Rooms go on behind their cursors, unacked
 * publishes are sent again in order; nothing is delivered or stored twice, and what can't be delivered
 * is told.
 *
 * With the contract that the server has, `new ParlorClient<typeof contract>()`, rooms and requests have its types.
 * Only the types are needed here: what does not fit is refused by the server.
 */
export class ParlorClient<C extends Contract = NoContract> {
  /** The id of this client's outbox: `producer` of the messages that it publishes. */
  readonly producer: string;
  readonly #key: () => LoadedKey;
  readonly #shell: ClientShell;
  readonly #rooms = new Map<string, ClientRoom>();
  readonly #emitter = new Emitter<ClientEvents>();
  #requests: typeof import("./requests.ts") | null = null;

  /**
   * @param url The server's base address, such as `http://localhost:8080/`. Default: in a page the
   *   page's origin; elsewhere it must be given.
   * @throws {CodedError} `bad-url` or `bad-option`, in words.
   */
  constructor(url?: string | URL, options: ClientOptions = {}) {
    const resolved = resolveOptions(url, options);
    this.producer = resolved.producer;
    this.#key = resolved.key;
    this.#shell = new ClientShell(resolved, (notice) => this.#tell(notice));
  }

  /** Whether the identity lasts: where its key came from. */
  get keyOrigin(): KeyOrigin {
    return this.#key().origin;
  }

  get state(): ConnectionState {
    return this.#shell.core.connection.state;
  }

  /** Who the server takes this client to be: `from` of its messages. null before the first welcome. */
  get identity(): string | null {
    return this.#shell.core.identity;
  }

  /** Calls `listener` at every event of that name; returns how to stop. */
  on<Name extends keyof ClientEvents & string>(
    name: Name,
    listener: (...args: ClientEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /**
   * The room of that name; the same object at every call. It costs nothing on the wire until something
   * is asked of it.
   *
   * @throws {CodedError} `bad-room`: not 1 to 128 bytes of UTF-8 in NFC without control characters.
   */
  room<const Name extends string>(name: Name): ClientRoom<RoomTypesOf<C, Name>> {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      const fault = roomNameFault(name);
      check(fault === null, "bad-room", `No room can have this name: ${fault}.`);
      room = new ClientRoom(name, this.#shell);
      this.#rooms.set(name, room);
    }
    return room;
  }

  /**
   * Asks the handler that the host registered on the server under that name, over whatever transport there is,
   * and fulfils with its answer. It is sent once and never again: after a lost connection nobody knows what
   * became of it, and it rejects `outcome-unknown`. Without a connection it waits for one.
   *
   * @param params Anything that JSON can say, up to `maxBodyBytes`.
   * @throws {CodedError} with the handler's own code and words; `unknown-method`, `forbidden` and what else
   *   the server refuses; `deadline`: no answer in time, `outcome-unknown`, `closed`, `too-large`,
   *   `bad-frame`, `bad-option`; `unavailable`: 256 are open. Aborted, it rejects with the signal's reason.
   */
  request<Method extends MethodOf<C>>(
    method: Method,
    ...asked: AskedOf<ParamsOf<C, Method>>
  ): Promise<ResultOf<C, Method>>;
  request<Result = unknown>(
    method: UndeclaredMethod<C>,
    params?: unknown,
    options?: RequestOptions,
  ): Promise<Result>;
  async request(method: string, params?: unknown, options?: RequestOptions): Promise<unknown> {
    // What is loaded once is at hand: an import costs a request some µs more each time.
    const { request } = (this.#requests ??= await import("./requests.ts"));
    return await request(this.#shell, method, params, options, checkBody);
  }

  /**
   * The private room of this client's identity, `@<identity>`: what the server pushes to whom the client is
   * (`parlor.identity(id).push(body)`) and to nobody else, from all of its connections. A room like any other,
   * but that only the server writes there: subscribe with `last`, or `from` where you kept its cursor, to get
   * what came while nobody was here.
   *
   * It connects, and fulfils once a welcome has said who this is. Ask again after signing in as somebody else:
   * the room of who one was before ends then, `unsubscribed` with `forbidden`.
   *
   * @throws {CodedError} `closed`, or the code with which the server turned this client away.
   */
  async inbox(): Promise<ClientRoom<RoomTypesOf<C, `@${string}`>>> {
    const { inboxName } = await import("./inbox.ts");
    return this.room((await inboxName(this.#shell)) as `@${string}`);
  }

  /**
   * Tries now: cuts a wait short, connects after the server turned this client away, and tests an open
   * connection. Nothing happens while a try is under way, and after `close()`.
   */
  reconnect(): void {
    this.#shell.step({ kind: "reconnect" });
  }

  /**
   * Ends the link for good and releases every timer, listener and socket. Publishes that are not acked
   * reject with `closed` and say whether they may have been stored. Twice is the same as once.
   */
  close(): void {
    this.#shell.step({ kind: "release" });
  }

  #tell(notice: ClientNotice): void {
    switch (notice.kind) {
      case "state": {
        const { state } = notice;
        if (state.kind === "closed") for (const room of this.#rooms.values()) room.end(state);
        return this.#emitter.emit("state", state);
      }
      case "error": {
        const { type: _type, ...error } = notice.error;
        return this.#emitter.emit("error", error);
      }
      case "room":
        this.#rooms.get(notice.room)?.tell(notice.notice);
        return;
    }
  }
}
