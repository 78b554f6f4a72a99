import { CodedError } from "@parlor/base";
import type { RoomTypes } from "@parlor/contract";
import { RoomHandle, type ServerPublishOptions } from "./room-handle.ts";
import { identityFault } from "./session/identity.ts";
import type { Services } from "./session/services.ts";

/**
 * One identity, as the server's own code speaks to it: through its private room `@<identity>`, which that
 * identity alone reads (on the client: `await client.inbox()`) and the server alone writes. Who is away finds
 * there what was pushed meanwhile, for as long as the log keeps a room's messages.
 */
export class IdentityHandle<Types extends RoomTypes = RoomTypes> {
  readonly identity: string;
  /** The private room: `read`, `trim`, `set`, `delete` and all else that a room has. */
  readonly inbox: RoomHandle<Types>;

  /** @throws {CodedError} `bad-room` where nobody can be called that, or no room can be named after it. */
  constructor(identity: string, services: Services) {
    const fault = identityFault(identity);
    if (fault !== null) throw new CodedError("bad-room", `Not an identity: ${fault}.`);
    this.identity = identity;
    this.inbox = new RoomHandle(`@${identity}`, services);
  }

  /**
   * Tells that identity something, on whatever connections it has, through whichever process they go;
   * fulfils when it is durable, not when it is read. As `publish` of a room; give an `idempotencyKey` where
   * the caller may repeat itself.
   */
  push(body: Types["publish"], options?: ServerPublishOptions): Promise<{ epoch: string; offset: number }> {
    return this.inbox.publish(body, options);
  }
}
