import { RoomPatterns } from "./room-patterns.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** What travels in a room. What is left out may be anything that JSON can say. */
export interface RoomContract {
  /** The bodies of its messages. */
  readonly message?: StandardSchema | undefined;
  /** The values of its state, whatever their key. */
  readonly state?: StandardSchema | undefined;
  /** The bodies of its signals. */
  readonly signal?: StandardSchema | undefined;
}

/** A request and its answer. What is left out may be anything that JSON can say. */
export interface RequestContract {
  readonly params?: StandardSchema | undefined;
  readonly result?: StandardSchema | undefined;
}

export interface Contract {
  /**
   * Rooms by their name, or by its beginning and a `*` behind it; of several that fit the longest counts. A
   * room that none fits is not checked. `@*` are the private rooms of identities.
   */
  readonly rooms?: Readonly<Record<string, RoomContract>> | undefined;
  /** Requests by the name of their method. */
  readonly requests?: Readonly<Record<string, RequestContract>> | undefined;
}

/**
 * Declares rooms and requests once, for both ends:
 *
 *     export const contract = defineContract({
 *       rooms: { "chat:*": { message: z.object({ text: z.string().max(1_000) }) } },
 *       requests: { rename: { params: z.string(), result: z.object({ name: z.string() }) } },
 *     });
 *
 * The server takes it as its option `contract` and refuses what does not fit; a page needs its type alone,
 * `new ParlorClient<typeof contract>()`, so that no schema is loaded there.
 *
 * @throws {TypeError} where a room's pattern has a `*` that is not its end.
 */
export function defineContract<const Declared extends Contract>(declared: Declared): Declared {
  new RoomPatterns(declared.rooms);
  return declared;
}
