import { data, equal, event, pause, same, type SuiteCase } from "../page/suite-case.ts";
import { each, group } from "./group.ts";

const HANDLERS = ["onopen", "onmessage", "onerror", "onclose"] as const;

type Loose = Record<(typeof HANDLERS)[number], unknown>;

function loose(socket: WebSocket): Loose {
  return socket as unknown as Loose;
}

export const HANDLER_CASES: readonly SuiteCase[] = group("handler attributes", {
  ...each(
    HANDLERS,
    (name) => `${name} is null at first, and what it was set to`,
    (name) => (stage) => {
      const socket = loose(stage.make(stage.url("/echo")));
      equal(socket[name], null);
      const handler = (): void => undefined;
      socket[name] = handler;
      equal(socket[name], handler);
      const object = {};
      socket[name] = object;
      equal(socket[name], object);
      socket[name] = null;
      equal(socket[name], null);
    },
  ),
  ...each(
    HANDLERS,
    (name) => `${name} set to what is no object is null`,
    (name) => (stage) => {
      const socket = loose(stage.make(stage.url("/echo")));
      for (const value of [1, "text", true, undefined, Symbol("s")]) {
        socket[name] = () => undefined;
        socket[name] = value;
        equal(socket[name], null, String(value));
      }
    },
  ),
  "it is called with the event, on the socket": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    const [self, given] = await new Promise<[unknown, Event]>((resolve) => {
      socket.onopen = function (opened) {
        resolve([this, opened]);
      };
    });
    equal(self, socket);
    equal(given.type, "open");
    equal(given.target, socket);
  },
  "an object that can't be called does nothing": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    let called = false;
    loose(socket).onopen = { handleEvent: () => (called = true) };
    await event(socket, "open");
    await pause();
    equal(called, false);
  },
  "a listener that is an object is called by handleEvent": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    await new Promise((resolve) => socket.addEventListener("open", { handleEvent: resolve }));
  },
  "it stands among the listeners where it was first set": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    const calls: string[] = [];
    socket.addEventListener("open", () => calls.push("before"));
    socket.onopen = () => calls.push("never");
    socket.addEventListener("open", () => calls.push("behind"));
    socket.onopen = () => calls.push("handler");
    await event(socket, "open");
    same(calls, ["before", "handler", "behind"]);
  },
  "set to null and set again it stands at the end": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    const calls: string[] = [];
    socket.onopen = () => calls.push("never");
    socket.addEventListener("open", () => calls.push("listener"));
    socket.onopen = null;
    socket.onopen = () => calls.push("handler");
    await event(socket, "open");
    await pause();
    same(calls, ["listener", "handler"]);
  },
  "replaced by a listener before it, the new one is called": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    const calls: string[] = [];
    socket.addEventListener("open", () => (socket.onopen = () => calls.push("new")));
    socket.onopen = () => calls.push("old");
    await event(socket, "open");
    await pause();
    same(calls, ["new"]);
  },
  "one that throws is reported, and the others are called": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    const reported = new Promise<unknown>((resolve) => {
      const hear = (fault: ErrorEvent): void => {
        if ((fault.error as Error | null)?.message !== "thrown by a handler") return;
        fault.preventDefault();
        globalThis.removeEventListener("error", hear as never);
        resolve(fault.error);
      };
      globalThis.addEventListener("error", hear as never);
    });
    socket.onopen = () => {
      throw new Error("thrown by a handler");
    };
    await Promise.all([event(socket, "open"), reported]);
    equal(socket.readyState, 1);
  },
  "a listener is called once however often it is added, and not once it is removed": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    let [once, never] = [0, 0];
    const listener = (): void => void (once += 1);
    const removed = (): void => void (never += 1);
    socket.addEventListener("open", listener);
    socket.addEventListener("open", listener);
    socket.addEventListener("open", removed);
    socket.removeEventListener("open", removed);
    await event(socket, "open");
    await pause();
    same([once, never], [1, 0]);
  },
  "the once and signal options hold": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    let [once, aborted] = [0, 0];
    const controller = new AbortController();
    socket.addEventListener("message", () => (once += 1), { once: true });
    socket.addEventListener("message", () => (aborted += 1), { signal: controller.signal });
    controller.abort();
    const both = data(socket, 2);
    socket.send("one");
    socket.send("two");
    await both;
    same([once, aborted], [1, 0]);
  },
  "stopImmediatePropagation keeps it from later listeners": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    let later = 0;
    socket.addEventListener("open", (opened) => opened.stopImmediatePropagation());
    socket.onopen = () => (later += 1);
    while (socket.readyState === 0) await pause(2);
    await pause();
    equal(later, 0);
  },
  "a page can dispatch events of its own": (stage) => {
    const socket = stage.make(stage.url("/echo"));
    let seen: unknown = null;
    socket.addEventListener("own", (own) => (seen = own));
    const own = new Event("own");
    equal(socket.dispatchEvent(own), true);
    equal(seen, own);
    equal(own.target, socket);
  },
});
