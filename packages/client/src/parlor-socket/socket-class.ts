import { ResumingSocket, type SocketOptions } from "./resuming-socket.ts";
import { roomAddressOf } from "./room-address.ts";

/** What a socket that resumes may be told: of a client's options those of its identity and its link. */
export type ResumingOptions = Omit<SocketOptions, "webSocket">;

/** Kept, so that a page may put a class of this module in its place; where there is none, nothing can be made. */
const native = globalThis.WebSocket as typeof WebSocket | undefined;

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
  const made = class {
    constructor(...args: unknown[]) {
      return makeSocket(args, planOf(args[2]), new.target) as object;
    }
  };
  Object.defineProperties(made, {
    name: { value: name, configurable: true },
    length: { value: 1, configurable: true },
  });
  Object.setPrototypeOf(made, parent);
  Object.setPrototypeOf(made.prototype, parent.prototype);
  for (const each of inherited(native)) {
    copyMembers(each, made, ["name", "length", "prototype"]);
    copyMembers(each.prototype, made.prototype, ["constructor"]);
  }
  return made as unknown as typeof WebSocket;
}

/** @param made The class that `new` was called with: its prototype is the object's. */
function makeSocket(args: readonly unknown[], plan: Plan | null, made: NewableFunction): unknown {
  if (native === undefined) throw new TypeError("This platform has no WebSocket.");
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

function copyMembers(from: object, to: object, except: readonly PropertyKey[]): void {
  for (const name of Reflect.ownKeys(from)) {
    const member = Object.getOwnPropertyDescriptor(from, name);
    if (member !== undefined && !except.includes(name))
      Object.defineProperty(to, name, answering(name, member));
  }
}

/** The platform's member, but for objects that resume. */
function answering(name: string | symbol, member: PropertyDescriptor): PropertyDescriptor {
  // Made so that they have the names that the platform's have, and like those can't be called with `new`.
  if (member.get !== undefined) {
    const made = Object.getOwnPropertyDescriptor(
      {
        get [name]() {
          const own = resumed.get(this);
          return own === undefined ? (member.get?.call(this) as unknown) : readOwn(own, name);
        },
        set [name](to: unknown) {
          const own = resumed.get(this);
          if (own === undefined) member.set?.call(this, to);
          else writeOwn(own, name, to);
        },
      },
      name,
    );
    if (member.set === undefined) delete made?.set;
    return { ...member, ...made, enumerable: member.enumerable === true };
  }
  const value: unknown = member.value;
  if (typeof value !== "function") return member;
  const call = {
    [name](this: object, ...args: unknown[]): unknown {
      const own = resumed.get(this);
      const called = (own === undefined ? value : Reflect.get(own, name)) as () => unknown;
      return Reflect.apply(called, own ?? this, args);
    },
  };
  const method = Reflect.get(call, name) as object;
  Object.defineProperty(method, "length", { value: value.length, configurable: true });
  return { ...member, value: method };
}

function readOwn(own: ResumingSocket, name: string | symbol): unknown {
  const type = handlerType(name);
  return type === null ? Reflect.get(own, name) : own.handlers.get(type);
}

function writeOwn(own: ResumingSocket, name: string | symbol, to: unknown): void {
  const type = handlerType(name);
  if (type === null) Reflect.set(own, name, to);
  else own.handlers.set(type, to);
}

/** Of `onopen`, `open`; null where the name is not one of a handler. */
function handlerType(name: string | symbol): string | null {
  return typeof name === "string" && name.startsWith("on") ? name.slice(2) : null;
}
