import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ConnectionState } from "@parlor/client";
import { FakeClock } from "@parlor/testkit";
import { QUIET_MS } from "./connection-sign.ts";
import { ConnectionWatch, type Network } from "./connection-watch.ts";

const OPEN: ConnectionState = { kind: "open", identity: "me", transport: "websocket" };
const LOST: ConnectionState = { kind: "waiting", attempt: 1, retryInMs: 300, reason: "lost" };

class FakeLink {
  state: ConnectionState = { kind: "connecting", attempt: 1 };
  #listener: (state: ConnectionState) => void = () => undefined;

  on(_name: string, listener: never): () => void {
    this.#listener = listener;
    return () => undefined;
  }

  become(state: ConnectionState): void {
    this.state = state;
    this.#listener(state);
  }
}

function watch() {
  const link = new FakeLink();
  const clock = new FakeClock();
  let tell = (): void => undefined;
  const network = { isOnLine: true, onChange: (listener: () => void) => (tell = listener) };
  const watched = new ConnectionWatch(link, network as Network, clock);
  const setOnLine = (isOnLine: boolean): void => {
    network.isOnLine = isOnLine;
    tell();
  };
  return { link, clock, setOnLine, sign: () => watched.sign.value.kind, watched };
}

describe("ConnectionWatch", () => {
  test("[PAGE-8] a connection that is back within two seconds was never gone", () => {
    const { link, clock, sign } = watch();
    link.become(OPEN);
    link.become(LOST);
    clock.advance(QUIET_MS - 1);
    assert.equal(sign(), "live");
    link.become(OPEN);
    clock.advance(10 * QUIET_MS);
    assert.equal(sign(), "live");
  });

  test("[PAGE-8] after two seconds it says so by itself, and counts from the loss, not from each try", () => {
    const { link, clock, sign } = watch();
    link.become(OPEN);
    link.become(LOST);
    clock.advance(QUIET_MS / 2);
    link.become({ kind: "connecting", attempt: 1 });
    link.become(LOST);
    assert.equal(sign(), "live");
    clock.advance(QUIET_MS / 2);
    assert.equal(sign(), "reconnecting");
    link.become(OPEN);
    assert.equal(sign(), "live");
  });

  test("[PAGE-8] a network that goes and comes is told while the connection is lost", () => {
    const { link, clock, setOnLine, sign } = watch();
    link.become(OPEN);
    link.become(LOST);
    clock.advance(QUIET_MS);
    setOnLine(false);
    assert.equal(sign(), "offline");
    setOnLine(true);
    assert.equal(sign(), "reconnecting");
  });

  test("[PAGE-15] what carries the messages is known, through a loss, too, until another does", () => {
    const { link, watched } = watch();
    assert.equal(watched.transport.value, null);
    link.become(OPEN);
    link.become(LOST);
    assert.equal(watched.transport.value, "websocket");
    link.become({ ...OPEN, transport: "stream" });
    assert.equal(watched.transport.value, "stream");
  });

  test("[PAGE-8] a page that can't reach its server says so after two seconds", () => {
    const { clock, sign } = watch();
    assert.equal(sign(), "connecting");
    clock.advance(QUIET_MS);
    assert.equal(sign(), "reconnecting");
  });
});
