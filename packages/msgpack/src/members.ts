/**
 * A member called `__proto__`, which JSON says like any other, is refused by the library: there it would mean the
 * prototype. So it travels as `$__proto__`, and what is really called so with one more `$` in front.
 */
const LIKE_PROTO = /^\$*__proto__$/;
const DOLLAR = 36;

/** A value that was parsed, with such members as they travel. */
export function withoutProto(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProto);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      LIKE_PROTO.test(name) ? `$${name}` : name,
      withoutProto(member),
    ]),
  );
}

/** Puts a value that the library read in order, and counts its members. */
export class Settling {
  members = 0;

  /** The value with its members under their own names and its bytes in memory of their own; it is changed. */
  settle(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    // What the library gives is a part of the message, or of more than that.
    if (value instanceof Uint8Array) return new Uint8Array(value);
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        if (typeof item === "object") value[index] = this.settle(item);
      });
      return value;
    }
    const object = value as Record<string, unknown>;
    const names = Object.keys(object);
    this.members += names.length;
    let isRenamed = false;
    for (const name of names) {
      const member = object[name];
      if (typeof member === "object") object[name] = this.settle(member);
      if (name.charCodeAt(0) === DOLLAR && LIKE_PROTO.test(name)) isRenamed = true;
    }
    return isRenamed ? renamed(object) : object;
  }
}

/** `fromEntries` defines members, where an assignment to `__proto__` would do something else. */
function renamed(object: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(
    Object.entries(object).map(([name, member]) => [LIKE_PROTO.test(name) ? name.slice(1) : name, member]),
  );
}
