import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { FakeClock, until } from "@parlor/testkit";
import { Counters } from "../room/counters.ts";
import { answerErrorUnread } from "./http-answer.ts";
import { wasteOf } from "./waste.ts";

const MIB = 1_048_576;
const HEAD = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${MIB}\r\n\r\n`;

describe("what refused peers go on to send", () => {
  test("[GROW-79] is thrown away up to 4 MiB a second of all together, and each is answered in words", async (t) => {
    const clock = new FakeClock();
    const counters = new Counters();
    wasteOf(clock).countIn(counters);
    const requests: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      requests.push(request);
      answerErrorUnread(request, response, { code: "rate-limited", message: "Too many." }, clock);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const peers: Socket[] = [];
    t.after(() => {
      for (const peer of peers) peer.destroy();
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const refused = async (): Promise<string> => {
      const peer = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      peers.push(peer);
      peer.write(HEAD);
      peer.write(Buffer.alloc(MIB, "1"));
      return await text(peer.once("error", () => undefined)).catch(() => "reset");
    };
    let read = 0;
    const all = (): number => requests.reduce((sum, { socket }) => sum + socket.bytesRead, 0);
    const answers = Array.from({ length: 8 }, refused);
    // Those beyond the bound are not read any more, though all of it has been sent.
    await until(() => requests.length === 8 && all() >= 4 * MIB, 10_000);
    const isStill = async (): Promise<boolean> => {
      const before = read;
      read = all();
      return before === read;
    };
    assert.ok(await until(isStill, 10_000));
    assert.ok(read >= 4 * MIB && read < 6 * MIB, `${read} bytes`);
    const stopped = counters.readingPaused.waste;
    assert.ok(stopped >= 3 && stopped <= 8, `${stopped} of 8 are read no more`);
    const isEnded = answers.map(async (answer) => assert.match(await answer, /429.*Too many\./s));
    clock.advance(1_000);
    await Promise.all(isEnded);
    const whole = refused();
    await until(() => requests.length === 9 && (requests[8]?.socket.bytesRead ?? 0) >= MIB, 10_000);
    assert.match(await whole, /Too many\./, "a second later there is as much again");
  });
});
