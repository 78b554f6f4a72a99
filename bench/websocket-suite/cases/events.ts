import { data, equal, event, ok, pause, record, same, type SuiteCase, throws } from "../page/suite-case.ts";
import { group } from "./group.ts";

export const EVENT_CASES: readonly SuiteCase[] = group("events and states", {
  "a new socket is CONNECTING, and nothing happens before the turn is over": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    const seen = record(socket);
    equal(socket.readyState, 0);
    await Promise.resolve();
    equal(seen.length, 0);
  },
  "open comes once, and then it is OPEN": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    const states: number[] = [];
    socket.addEventListener("open", () => states.push(socket.readyState));
    await event(socket, "open");
    await pause(20);
    same(states, [1]);
  },
  "open is an Event of no other class": async (stage) => {
    const opened: Event = await event(stage.make(stage.url("/echo")), "open");
    equal(Object.getPrototypeOf(opened), Event.prototype);
    ok(!opened.bubbles && !opened.cancelable, "it bubbles or can be cancelled");
  },
  "events are the browser's own": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    equal((await event(socket, "open")).isTrusted, true);
    const message = event(socket, "message");
    socket.send("x");
    equal((await message).isTrusted, true);
    socket.close();
    equal((await event(socket, "close")).isTrusted, true);
  },
  "message is a MessageEvent with data and the server's origin, and nothing else": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    const heard = event(socket, "message");
    socket.send("hello");
    const message = await heard;
    equal(Object.getPrototypeOf(message), MessageEvent.prototype);
    equal(message.data, "hello");
    equal(message.origin, new URL(socket.url).origin);
    same([message.lastEventId, message.source, message.ports.length], ["", null, 0]);
    ok(!message.bubbles && !message.cancelable, "it bubbles or can be cancelled");
    equal(message.target, socket);
    throws(() => {
      "use strict";
      (message as { data: unknown }).data = "other";
    }, "TypeError");
  },
  "close is a CloseEvent": async (stage) => {
    const socket = await stage.open(stage.url("/close/4321?reason=because"));
    const closed = await event(socket, "close");
    equal(Object.getPrototypeOf(closed), CloseEvent.prototype);
    same([closed.code, closed.reason, closed.wasClean], [4321, "because", true]);
    ok(!closed.bubbles && !closed.cancelable, "it bubbles or can be cancelled");
    equal(closed.target, socket);
  },
  "error is an Event without anything that tells of the network": async (stage) => {
    const socket = stage.make(stage.url("/raw/status-500"));
    const failed: Event = await event(socket, "error");
    equal(Object.getPrototypeOf(failed), Event.prototype);
    ok(!failed.bubbles && !failed.cancelable, "it bubbles or can be cancelled");
    equal(failed.target, socket);
  },
  "a failure is error, then close, both CLOSED": async (stage) => {
    const socket = stage.make(stage.url("/raw/status-404"));
    const seen: string[] = [];
    for (const type of ["open", "error", "close"])
      socket.addEventListener(type, () => seen.push(`${type} ${socket.readyState}`));
    const closed = await event(socket, "close");
    same([closed.code, closed.reason, closed.wasClean], [1006, "", false]);
    await pause(20);
    same(seen, ["error 3", "close 3"]);
  },
  "error and close of a failure come one behind the other": async (stage) => {
    const socket = stage.make(stage.url("/raw/status-404"));
    let between = 0;
    socket.onerror = () => setTimeout(() => (between += 1));
    await event(socket, "close");
    equal(between, 0);
  },
  "messages come in the order in which they were sent": async (stage) => {
    const all = await data(stage.make(stage.url("/flood/300")), 300);
    same(
      all,
      Array.from({ length: 300 }, (_, index) => `${index}`),
    );
  },
  "each message has a turn of its own": async (stage) => {
    const socket = stage.make(stage.url("/flood/3"));
    const seen: string[] = [];
    socket.addEventListener("message", (message) => {
      seen.push(message.data as string);
      queueMicrotask(() => seen.push("turn"));
    });
    await data(socket, 3);
    await pause();
    same(seen, ["0", "turn", "1", "turn", "2", "turn"]);
  },
  "microtasks run between two listeners": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    const seen: string[] = [];
    socket.addEventListener("open", () => {
      seen.push("first");
      queueMicrotask(() => seen.push("microtask"));
    });
    socket.addEventListener("open", () => seen.push("second"));
    await event(socket, "open");
    same(seen, ["first", "microtask", "second"]);
  },
  "open comes before the first message, however early that is sent": async (stage) => {
    const socket = stage.make(stage.url("/flood/1"));
    const seen = record(socket);
    await event(socket, "message");
    same(seen, ["open", "message"]);
  },
  "messages before the server's close come before close": async (stage) => {
    const socket = stage.make(stage.url("/raw/cut-behind-text"));
    const seen = record(socket);
    await event(socket, "close");
    same(
      seen.filter((type) => type !== "error"),
      ["open", "message", "close"],
    );
  },
  "close comes once, and nothing behind it": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    socket.send("x");
    socket.close();
    const seen = record(socket);
    await event(socket, "close");
    socket.close();
    socket.send("y");
    await pause(30);
    same(seen, ["close"]);
    equal(socket.readyState, 3);
  },
  "close never comes from within close()": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    let isWithin = true;
    let wasWithin = false;
    socket.onclose = () => (wasWithin = isWithin);
    socket.close();
    await Promise.resolve();
    isWithin = false;
    await event(socket, "close");
    equal(wasWithin, false);
  },
  "behind close() no message comes": async (stage) => {
    const socket = stage.make(stage.url("/flood/200"));
    let heard = 0;
    socket.onmessage = () => {
      heard += 1;
      socket.close();
    };
    await event(socket, "close");
    equal(heard, 1);
  },
  "readyState is CLOSING at once, and CLOSED in the close event": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    socket.close();
    equal(socket.readyState, 2);
    let state = 0;
    socket.onclose = () => (state = socket.readyState);
    await event(socket, "close");
    equal(state, 3);
  },
  "readyState only rises": async (stage) => {
    const socket = stage.make(stage.url("/close/1000"));
    const states = [socket.readyState];
    const look = (): void => void (states.at(-1) === socket.readyState || states.push(socket.readyState));
    for (const type of ["open", "message", "error", "close"]) socket.addEventListener(type, look);
    await event(socket, "close");
    await pause(50);
    look();
    same(states, [0, 1, 3]);
  },
  "a closed socket never comes back": async (stage) => {
    const socket = stage.make(stage.url("/raw/cut"));
    await event(socket, "close");
    const seen = record(socket);
    await pause(1_200);
    equal(socket.readyState, 3);
    equal(seen.join(), "");
  },
  "close within open is in order": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    const seen = record(socket);
    socket.onopen = () => socket.close(3999, "at once");
    const closed = await event(socket, "close");
    same([closed.code, closed.reason, closed.wasClean], [3999, "at once", true]);
    same(seen, ["open", "close"]);
  },
  "six at a time each have their own": async (stage) => {
    const sockets = await Promise.all(Array.from({ length: 6 }, () => stage.open(stage.url("/echo"))));
    const all = Promise.all(sockets.map((socket) => data(socket)));
    sockets.forEach((socket, index) => socket.send(`${index}`));
    same(
      (await all).flat(),
      sockets.map((_, index) => `${index}`),
    );
  },
});
