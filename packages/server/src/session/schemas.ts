import {
  RoomPatterns,
  type Contract,
  type RequestContract,
  type RoomContract,
  type StandardSchema,
} from "@parlor/contract";
import type { Action } from "./hooks.ts";

/** A schema, and what was declared with it, for sentences. */
export interface DeclaredSchema {
  readonly schema: StandardSchema;
  /** The room's pattern, or the method. */
  readonly declared: string;
  /** What of it: `body`, `value`, `params`, `result`. */
  readonly part: string;
}

/** The host's contract, as what is to be checked is looked up in it. */
export class Schemas {
  readonly #rooms: RoomPatterns<RoomContract>;
  readonly #requests: ReadonlyMap<string, RequestContract>;

  /** @throws {TypeError} where a pattern can't be one, or a schema is none. */
  constructor({ rooms = {}, requests = {} }: Contract) {
    this.#rooms = new RoomPatterns(rooms);
    this.#requests = new Map(Object.entries(requests));
    for (const [name, parts] of [...Object.entries(rooms), ...Object.entries(requests)]) {
      for (const [part, schema] of Object.entries(parts)) checkSchema(schema, `${part} of "${name}"`);
    }
  }

  /** What an act in that room, or a request of that method, must fit; null where nothing is declared. */
  find(action: Action, name: string): DeclaredSchema | null {
    if (action === "request") return declare(this.#requests.get(name)?.params, name, "params");
    const found = this.#rooms.find(name);
    if (found === null) return null;
    const { pattern, room } = found;
    if (action === "publish") return declare(room.message, pattern, "body");
    if (action === "set") return declare(room.state, pattern, "value");
    return action === "signal" ? declare(room.signal, pattern, "body") : null;
  }

  /** What the answer to a request must fit. */
  findResult(method: string): DeclaredSchema | null {
    return declare(this.#requests.get(method)?.result, method, "result");
  }
}

function checkSchema(schema: unknown, what: string): void {
  // Some libraries' schemas are functions.
  const standard: unknown = (schema as Partial<StandardSchema> | undefined)?.["~standard"];
  if (
    schema === undefined ||
    typeof (standard as { validate?: unknown } | undefined)?.validate === "function"
  )
    return;
  throw new TypeError(`${what} is not a Standard Schema.`);
}

function declare(schema: StandardSchema | undefined, declared: string, part: string): DeclaredSchema | null {
  return schema === undefined ? null : { schema, declared, part };
}
