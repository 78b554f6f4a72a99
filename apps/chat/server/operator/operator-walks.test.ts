import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { Page, ReadBounds, RoomLog, RoomSummary, StoredMessage } from "@parlor/log";
import type { Visit } from "@parlor/server";
import { OperatorWalks, type Person } from "./operator-walks.ts";

const MESSAGES = 120_000;

/** A room in which each message is of somebody else. */
const crowd = {
  async rooms(): Promise<readonly Pick<RoomSummary, "room" | "messages">[]> {
    return [{ room: "fair", messages: MESSAGES }];
  },
  async read(_room: string, after: number, { maxMessages }: ReadBounds): Promise<Page> {
    const length = Math.min(maxMessages, MESSAGES - after);
    const messages = Array.from({ length }, (_, i) => {
      const offset = after + i + 1;
      return { offset, from: `a${offset}`, bodyJson: `{"name":"Person ${offset}"}` } as StoredMessage;
    });
    return { epoch: "e", head: MESSAGES, earliest: 1, messages, more: after + length < MESSAGES };
  },
};

interface Line {
  readonly people?: readonly Person[];
  readonly messages?: number;
  readonly isFull?: boolean;
  readonly isDone?: boolean;
}

test("[OPERATOR-8] who looks for people is shown 100,000 of them, and told that there are more", async () => {
  const walks = new OperatorWalks(crowd as unknown as RoomLog);
  const server = createServer((_request, response) => void walks.findPeople({ response } as Visit));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const lines = (await answer.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
    assert.equal(
      new Set(lines.flatMap(({ people = [] }) => people.map(({ identity }) => identity))).size,
      100_000,
    );
    assert.deepEqual(
      lines.slice(0, -1).map(({ isFull }) => isFull),
      [...Array<boolean>(199).fill(false), true],
    );
    assert.equal(lines.at(-2)?.messages, 100_000);
    assert.deepEqual(lines.at(-1), { isDone: true });
  } finally {
    server.close();
  }
});
