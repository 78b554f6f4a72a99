import { ResumingSocket, type SocketOptions } from "./resuming-socket.ts";
import { roomAddressOf } from "./room-address.ts";

/** What a socket that resumes may be told: of a client's options those of its identity and its link. */
export type ResumingOptions = Omit<SocketOptions, "webSocket">;

/** Kept, so that a page may put a class of this module in its place; where there is none, nothing can be made. */
const native = globalThis.WebSocket;

/** What is behind the sockets that resume; all others are the platform's own. */
const resumed = new WeakMap<object, ResumingSocket>();

/** What resumes, of the sockets of one class or one call. */
export interface Plan {
  readonly origins: readonly string[];
  readonly options: ResumingOptions;
}

/**
 * Makes a class with the members of the platform's. Each asks whether its object resumes; if not, it is the
 * platform's own object, and the platform's own member answers.
 *
 * @param parent What it inherits from.
 * @param planOf What the third argument says; null for nothing.
 */
export function makeClass(
  name: string,
  parent: { readonly prototype: object },
  planOf: (third: unknown) => Plan | null,
): typeof WebSocket {
  // So it has the platform's name, and one argument that must be there.
  const classes = {
    [name]: class {
      constructor(_url?: unknown, ...more: unknown[]) {
        return makeSocket([...arguments], planOf(more[1]), new.target) as object;
      }
    },
  };
  const made = classes[name] as NewableFunction;
  Object.setPrototypeOf(made, parent);
  Object.setPrototypeOf(made.prototype, parent.prototype);
  for (const each of inherited(native)) {
    copyMembers(each, made);
    copyMembers(each.prototype, made.prototype);
  }
  return made as unknown as typeof WebSocket;
}

/** @param made The class that `new` was called with: its prototype is the object's. */
function makeSocket(args: readonly unknown[], plan: Plan | null, made: NewableFunction): unknown {
  const [url, protocols] = args;
  const asksForNone = protocols === undefined || (Array.isArray(protocols) && protocols.length === 0);
  if (plan === null || !asksForNone || args.length === 0)
    return Reflect.construct(native, args.slice(0, 2), made);
  // Turned into a text once: an object may do something when it is asked, and say something else the next time.
  const text = `${url as string}`;
  const address = roomAddressOf(text, plan.origins);
  if (address === null) return Reflect.construct(native, [text], made);
  const target = Reflect.construct(EventTarget, [], made) as EventTarget;
  resumed.set(target, new ResumingSocket(target, address, { ...plan.options, webSocket: native }));
  return target;
}

/** A class and those above it, the one below EventTarget first: a page's tools may have put an heir in the place of its own. */
function inherited(heir: typeof WebSocket | undefined): readonly (typeof WebSocket)[] {
  if (heir === undefined || !EventTarget.prototype.isPrototypeOf(heir.prototype)) return [];
  return [...inherited(Object.getPrototypeOf(heir) as typeof WebSocket), heir];
}

function copyMembers(from: object, to: object): void {
  for (const name of Reflect.ownKeys(from)) {
    const member = Object.getOwnPropertyDescriptor(from, name);
    if (member !== undefined && !/^(?:name|length|prototype|constructor)$/.test(String(name)))
      Object.defineProperty(to, name, answering(name, member));
  }
}

/** The platform's member, but for objects that resume. */
function answering(name: string | symbol, member: PropertyDescriptor): PropertyDescriptor {
  /** Of `onopen`, `open`. */
  const type = /^on(.+)/.exec(String(name))?.[1];
  const value: unknown = member.value;
  // Made so that they have the names that the platform's have, and like those can't be called with `new`.
  const made = {
    get [name](): unknown {
      const own = resumed.get(this);
      if (own === undefined) return member.get?.call(this);
      return type === undefined ? Reflect.get(own, name) : own.handlers.get(type);
    },
    set [name](to: unknown) {
      const own = resumed.get(this);
      if (own === undefined) member.set?.call(this, to);
      else if (type === undefined) Reflect.set(own, name, to);
      else own.handlers.set(type, to);
    },
  };
  if (member.get !== undefined) {
    const own = Object.getOwnPropertyDescriptor(made, name);
    if (member.set === undefined) delete own?.set;
    return { ...own, enumerable: member.enumerable === true };
  }
  if (typeof value !== "function") return member;
  const call = {
    [name](this: object, ...args: unknown[]): unknown {
      const own = resumed.get(this);
      return Reflect.apply(
        (own === undefined ? value : Reflect.get(own, name)) as () => unknown,
        own ?? this,
        args,
      );
    },
  };
  const method = Reflect.get(call, name) as object;
  Object.defineProperty(method, "length", { value: value.length, configurable: true });
  return { ...member, value: method };
}
