import type {
  Contract,
  MethodOf,
  NoContract,
  ParamsOf,
  ResultOf,
  RoomTypesOf,
  UndeclaredMethod,
} from "@parlor/contract";
import { CoreClient } from "./core-client.ts";
import { baseAddress } from "./core-options.ts";
import { chosenLink, outboxLimits, type ClientOptions } from "./options.ts";
import { checkBody } from "./publish-body.ts";
import type { OutboxStorage } from "./kept-outbox/outbox-storage.ts";
import { publishingOf, type LoadUpward, type Publishing } from "./publishing.ts";
import type { RequestOptions } from "./requests.ts";
import { ClientRoom } from "./room.ts";
import { loadUpward } from "./upward-part.ts";

/** What a request is called with behind its method; parameters that may be undefined may be left out. */
export type AskedOf<Params> = undefined extends Params
  ? [params?: Params, options?: RequestOptions]
  : [params: Params, options?: RequestOptions];

const UNLOADED: OutboxStorage = {
  kind: "memory",
  code: "unloaded",
  reason: "What keeps it could not be loaded yet.",
};

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
export class ParlorClient<C extends Contract = NoContract> extends CoreClient<C> {
  readonly #publishing: Publishing;
  #requests: typeof import("./requests.ts") | null = null;
  /** Why nothing is kept, while what would keep it is not there. */
  #unkept: OutboxStorage | null = null;

  /**
   * @param url The server's base address, such as `http://localhost:8080/`. Default: in a page the
   *   page's origin; elsewhere it must be given.
   * @throws {CodedError} `bad-url` or `bad-option`, in words.
   */
  constructor(url?: string | URL, options: ClientOptions = {}) {
    super(url, { linkTo: chosenLink, ...options });
    if (options.token !== undefined) {
      // Where it can't be loaded, the server ends the connection with the token, in words.
      import("./renewal.ts").then(
        (part) => part.renewTokens(this.shell),
        () => undefined,
      );
    }
    const { keepOutbox = "document" in globalThis } = options;
    const load: LoadUpward = (...client) =>
      import("./kept-outbox/start.ts").then(
        (part) => part.loadKept(this, ...client, baseAddress(url).href, keepOutbox, loadUpward),
        (error: unknown) => {
          this.#unkept = UNLOADED;
          throw error;
        },
      );
    this.#publishing = publishingOf(this.shell, outboxLimits(options), keepOutbox ? load : undefined);
  }

  /**
   * Whether what waits for the server outlives the page; a change is an `outbox` event of the room whose publish it
   * is about. null before the first publish or the end of the first catching up, and where nothing is kept
   * (`keepOutbox`).
   */
  get outboxStorage(): OutboxStorage | null {
    return this.#publishing.kept?.storage ?? this.#unkept;
  }

  override room<const Name extends string>(name: Name): ClientRoom<RoomTypesOf<C, Name>> {
    return this.roomOf(name, () => new ClientRoom(name, this.shell, this.#publishing));
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
    return await request(this.shell, method, params, options, checkBody);
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
    return this.room((await inboxName(this.shell)) as `@${string}`);
  }
}
