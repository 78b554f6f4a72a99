import type { Contract, NoContract, RoomTypesOf } from "@parlor/contract";
import { roomNameFault } from "@parlor/protocol";
import { check } from "./check.ts";
import { ClientShell, type ClientNotice } from "./client-shell.ts";
import type { ConnectionState } from "./connection-state.ts";
import { resolveOptions, type CoreOptions } from "./core-options.ts";
import { CoreRoom } from "./core-room.ts";
import { Emitter } from "./emitter.ts";
import type { KeyOrigin } from "./key-storage.ts";

/** The events of a client, with what their listeners are given. */
export interface ClientEvents extends Record<string, readonly unknown[]> {
  readonly state: readonly [state: ConnectionState];
  /** The server refused something that belongs to no room, publish or question. */
  readonly error: readonly [error: { readonly code: string; readonly message: string }];
}

/**
 * A lasting link to one server, over a WebSocket, and the rooms there, to listen to: the part of `ParlorClient`
 * that a page needs which only shows what others write, in little more than half of its bytes.
 *
 * It connects when something is asked of it, and from then on comes back by itself: after a lost
 * connection, a restarted server, a machine that slept. Rooms go on behind their cursors; nothing is delivered
 * twice, and what can't be delivered is told.
 *
 * With the contract that the server has, `new CoreClient<typeof contract>()`, its rooms have its types.
 */
export class CoreClient<C extends Contract = NoContract> {
  /** The id of this client's outbox: `producer` of the messages that it publishes. */
  readonly producer: string;
  /** @internal */
  readonly shell: ClientShell;
  readonly #keyOrigin: () => KeyOrigin;
  readonly #rooms = new Map<string, CoreRoom>();
  readonly #emitter = new Emitter<ClientEvents>();

  /**
   * @param url The server's base address, such as `http://localhost:8080/`. Default: in a page the
   *   page's origin; elsewhere it must be given.
   * @throws {CodedError} `bad-url` or `bad-option`, in words.
   */
  constructor(url?: string | URL, options: CoreOptions = {}) {
    const resolved = resolveOptions(url, options);
    this.producer = resolved.producer;
    this.#keyOrigin = resolved.keyOrigin;
    this.shell = new ClientShell(resolved, (notice) => this.#tell(notice));
  }

  /** Whether the identity lasts: where its key came from. */
  get keyOrigin(): KeyOrigin {
    return this.#keyOrigin();
  }

  get state(): ConnectionState {
    return this.shell.core.connection.state;
  }

  /** Who the server takes this client to be: `from` of its messages. null before the first welcome. */
  get identity(): string | null {
    return this.shell.core.identity;
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
  room<const Name extends string>(name: Name): CoreRoom<RoomTypesOf<C, Name>> {
    return this.roomOf(name, () => new CoreRoom(name, this.shell));
  }

  /** @internal The room of that name, made where there is none. */
  roomOf<Room extends CoreRoom>(name: string, make: () => Room): Room {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      const fault = roomNameFault(name);
      check(fault === null, "bad-room", `No room can have this name: ${fault}.`);
      this.#rooms.set(name, (room = make()));
    }
    return room as Room;
  }

  /**
   * Tries now: cuts a wait short, connects after the server turned this client away, and tests an open
   * connection. Nothing happens while a try is under way, and after `close()`.
   */
  reconnect(): void {
    this.shell.step(() => this.shell.core.connection.wake(true));
  }

  /**
   * Ends the link for good and releases every timer, listener and socket. Publishes that are not acked
   * reject with `closed` and say whether they may have been stored. Twice is the same as once.
   */
  close(): void {
    this.shell.step(() => this.shell.core.connection.release());
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
