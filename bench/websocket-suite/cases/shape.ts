import { equal, ok, type SuiteCase, throws } from "../page/suite-case.ts";
import { each, group } from "./group.ts";

const READ_ONLY = ["url", "readyState", "bufferedAmount", "extensions", "protocol"];
const WRITABLE = ["binaryType", "onopen", "onmessage", "onerror", "onclose"];
const METHODS: readonly (readonly [name: string, length: number])[] = [
  ["send", 1],
  ["close", 0],
];
const CONSTANTS: readonly (readonly [name: string, value: number])[] = [
  ["CONNECTING", 0],
  ["OPEN", 1],
  ["CLOSING", 2],
  ["CLOSED", 3],
];

/** A descriptor whose functions are looked at, and called on what is given. */
interface Member extends Pick<PropertyDescriptor, "value" | "writable" | "enumerable" | "configurable"> {
  readonly get?: (this: unknown) => unknown;
  readonly set?: (this: unknown, value: unknown) => void;
}

function member(of: object, name: string): Member {
  const found = Object.getOwnPropertyDescriptor(of, name);
  if (found === undefined) throw new Error(`it has no ${name} of its own`);
  return found as Member;
}

export const SHAPE_CASES: readonly SuiteCase[] = group("shape of the interface", {
  ...each(
    [...READ_ONLY, ...WRITABLE],
    (name) => `${name} is an accessor of the prototype, to be listed and to be redefined`,
    (name) =>
      ({ Socket }) => {
        const { get, enumerable, configurable } = member(Socket.prototype, name);
        equal(get?.name, `get ${name}`);
        equal(get?.length, 0);
        equal(enumerable, true, "enumerable");
        equal(configurable, true, "configurable");
      },
  ),
  ...each(
    READ_ONLY,
    (name) => `${name} can't be set`,
    (name) => (stage) => {
      const socket = stage.make(stage.url("/echo"));
      equal(member(stage.Socket.prototype, name).set, undefined);
      const before: unknown = Reflect.get(socket, name);
      equal(Reflect.set(socket, name, "other"), false);
      equal(Reflect.get(socket, name), before);
    },
  ),
  ...each(
    WRITABLE,
    (name) => `${name} has a setter that is named so`,
    (name) =>
      ({ Socket }) => {
        const { set } = member(Socket.prototype, name);
        equal(set?.name, `set ${name}`);
        equal(set?.length, 1);
      },
  ),
  ...each(
    [...READ_ONLY, ...WRITABLE],
    (name) => `${name} of what is no socket is a TypeError`,
    (name) =>
      ({ Socket }) => {
        for (const other of [{}, Socket.prototype, new EventTarget(), 1]) {
          throws(() => member(Socket.prototype, name).get?.call(other) as unknown, "TypeError");
        }
      },
  ),
  ...each(
    METHODS,
    ([name]) => `${name} is a method of the prototype, to be listed, set and redefined`,
    ([name, length]) =>
      ({ Socket }) => {
        const { value, writable, enumerable, configurable } = member(Socket.prototype, name);
        const method = value as { name: string; length: number };
        equal(method.name, name);
        equal(method.length, length, "length");
        ok(writable === true && enumerable === true && configurable === true, "it is fixed or hidden");
      },
  ),
  ...each(
    METHODS,
    ([name]) => `${name} of what is no socket is a TypeError, and it makes no objects`,
    ([name]) =>
      ({ Socket }) => {
        const method = member(Socket.prototype, name).value as () => void;
        for (const other of [{}, Socket.prototype, new EventTarget()])
          throws(() => method.call(other), "TypeError");
        throws(() => Reflect.construct(method, ["x"]) as unknown, "TypeError");
        equal(Object.hasOwn(method, "prototype"), false);
      },
  ),
  ...each(
    CONSTANTS,
    ([name, value]) => `${name} is ${value}, on the class, the prototype and each socket, for good`,
    ([name, value]) =>
      (stage) => {
        const { Socket } = stage;
        for (const of of [Socket, Socket.prototype]) {
          const constant = member(of, name);
          equal(constant.value, value);
          equal(constant.enumerable, true, "enumerable");
          ok(constant.writable === false && constant.configurable === false, "it can be changed");
        }
        const socket = stage.make(stage.url("/echo"));
        equal(Reflect.get(socket, name), value);
        equal(Reflect.set(socket, name, 9), false);
      },
  ),
  "nothing else is on the prototype": ({ Socket }) => {
    const expected = [
      ...READ_ONLY,
      ...WRITABLE,
      ...METHODS.map(([name]) => name),
      ...CONSTANTS.map(([name]) => name),
      "constructor",
    ];
    equal(Object.getOwnPropertyNames(Socket.prototype).sort().join(), expected.sort().join());
  },
  "it is an EventTarget": (stage) => {
    ok(stage.make(stage.url("/echo")) instanceof EventTarget, "it is none");
    ok(EventTarget.prototype.isPrototypeOf(stage.Socket.prototype), "it does not inherit");
  },
  "in the global's place it inherits from EventTarget itself": ({ Socket, subject }) => {
    if (subject.key === "ParlorSocket") return;
    equal(Object.getPrototypeOf(Socket), EventTarget);
    equal(Object.getPrototypeOf(Socket.prototype), EventTarget.prototype);
  },
  "the class has the name that pages know it by": ({ Socket, subject }) => equal(Socket.name, subject.name),
  "its length is 1": ({ Socket }) => equal(Socket.length, 1),
  "its prototype can't be replaced": ({ Socket }) => {
    const prototype = member(Socket, "prototype");
    ok(!prototype.writable && !prototype.enumerable && !prototype.configurable, "it can");
    equal(Socket.prototype.constructor, Socket);
    equal(member(Socket.prototype, "constructor").enumerable, false);
  },
  "it is written [object WebSocket]": (stage) => {
    const socket = stage.make(stage.url("/echo"));
    equal(Object.prototype.toString.call(socket), "[object WebSocket]");
    equal(Object.prototype.toString.call(stage.Socket.prototype), "[object WebSocket]");
  },
  "a socket has no properties of its own": (stage) =>
    equal(Object.getOwnPropertyNames(stage.make(stage.url("/echo"))).join(), ""),
  "its prototype is the class's": (stage) => {
    const socket = stage.make(stage.url("/echo"));
    equal(Object.getPrototypeOf(socket), stage.Socket.prototype);
    ok(socket instanceof stage.Socket, "it is no instance");
  },
  "for … in lists the members": (stage) => {
    const listed: string[] = [];
    for (const name in stage.make(stage.url("/echo"))) listed.push(name);
    for (const name of [...READ_ONLY, ...WRITABLE, "send", "close", "OPEN", "addEventListener"])
      ok(listed.includes(name), `${name} is not listed`);
  },
});
