import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";

/** What the suite uses of the server's port `Connection`. */
export interface ConnectionUnderTest {
  readonly isWritable: boolean;
  /** One frame, as JSON text or as that in UTF-8 in several places. */
  send(text: string | readonly Buffer[]): void;
  pauseReading(): void;
  resumeReading(): void;
  close(reason: "slow", message: string): void;
}

/** A connection that was welcomed, and the real peer at its far end. */
export interface ConnectionSubject {
  readonly connection: ConnectionUnderTest;
  /** Hands over one batch with these messages of a room, behind the offset `after`; what it answered. */
  readonly deliver: (after: number, bodies: readonly string[]) => boolean;
  /** Frames that arrived behind the welcome, in order. */
  readonly frames: readonly Readonly<Record<string, unknown>>[];
  /** How it ended, as its peer sees it; null while it goes on. Code null where the transport has none. */
  readonly end: { readonly code: number | null; readonly reason: string } | null;
  /** Runs whenever one of the two changed. */
  onChange: () => void;
  /** The peer, or the network before it, takes nothing until `takeAgain`. */
  readonly takeNothing: () => void;
  readonly takeAgain: () => void;
  /** Ends it as a network does, and fulfils when the server has seen that. */
  readonly cut: () => Promise<void>;
  /** Sends a frame that is answered with a `pong`; null where nothing goes up. */
  readonly ping: (() => void) | null;
}

export interface ConnectionContract {
  /** As it stands in the names of the tests. */
  readonly name: string;
  /** The close code and the words that a peer is told with `slow`; null where it only ends. */
  readonly slowCode: number | null;
  /** Whether it may end by itself once something was handed over, as an answer does that is full. */
  readonly isOneAnswer: boolean;
  /** With a mark of 65,536 bytes for the send buffer, where it has one. */
  readonly create: (t: TestContext) => Promise<ConnectionSubject>;
}

const LETTERS = ["a", "é", "漢", "🎈", "\n", "\r\n\r\n", '"', "\\", "\u2028", "data: "];
const LARGE = "x".repeat(16_384);
/** More than any system holds for a peer that takes nothing, in batches of `LARGE`. */
const MANY_BATCHES = 4_000;

/**
 * Every sentence of the server's port `Connection`, as tests: an implementation calls this from its own
 * `…contract.test.ts`, with how to make one and its real peer, and passes or is no `Connection`.
 */
export function describeConnectionContract(contract: ConnectionContract): void {
  const { name, slowCode, isOneAnswer, create } = contract;
  describe(`${name}: the contract of connections`, { timeout: 60_000 }, () => {
    test("[CONN-1] frames and batches that are handed over arrive whole and in order", async (t) => {
      const subject = await create(t);
      const handed: string[] = [];
      for (let i = 0; i < 200; i++) {
        const letter = LETTERS[i % LETTERS.length] as string;
        const text = letter.repeat(i % 40);
        const frame = JSON.stringify({ type: "signal", room: "a", body: text });
        const bytes = Buffer.from(frame);
        // Cut anywhere, in the middle of a letter, too.
        const parts = [bytes.subarray(0, i), bytes.subarray(i, 2 * i), bytes.subarray(2 * i)];
        if (i % 3 === 0) subject.connection.send(i % 2 === 0 ? frame : parts);
        else subject.deliver(i, [text]);
        handed.push(`${i % 3 === 0 ? "signal" : "messages"} ${text}`);
      }
      await until(subject, ({ frames }) => frames.length >= handed.length);
      assert.deepEqual(subject.frames.map(shown), handed);
    });

    test("[CONN-2] past its mark it says that it takes no more; what it took arrives, and then it takes again or has ended", async (t) => {
      const subject = await create(t);
      subject.takeNothing();
      let handed = 0;
      while (subject.deliver(handed, [LARGE])) {
        handed += 1;
        assert.ok(handed < MANY_BATCHES, "there is an end to what it takes");
      }
      handed += 1;
      assert.equal(subject.connection.isWritable, false);
      subject.takeAgain();
      await until(subject, ({ frames }) => frames.length >= handed);
      assert.deepEqual(
        subject.frames.map(({ after }) => after),
        Array.from({ length: handed }, (_, after) => after),
      );
      if (isOneAnswer) await until(subject, ({ end }) => end !== null);
      else while (!subject.connection.isWritable) await new Promise((resolve) => setImmediate(resolve));
    });

    test("[CONN-3] what was handed over before a close arrives before the end; nothing does behind it, and twice is once", async (t) => {
      const subject = await create(t);
      subject.connection.send('{"type":"signal","room":"a","body":"one"}');
      subject.deliver(1, ["two"]);
      subject.connection.send('{"type":"signal","room":"a","body":"three"}');
      subject.connection.close("slow", "come back and resume");
      subject.connection.send('{"type":"signal","room":"a","body":"behind"}');
      assert.equal(subject.deliver(2, ["behind"]), true, "nobody waits for one that is closed");
      subject.connection.close("slow", "again");
      await until(subject, ({ end }) => end !== null);
      assert.deepEqual(subject.frames.map(shown), ["signal one", "messages two", "signal three"]);
      const end = { code: slowCode, reason: slowCode === null ? "" : "come back and resume" };
      assert.deepEqual(subject.end, end);
    });

    test("[CONN-4] on one whose peer is gone nothing throws, and nobody waits for it", async (t) => {
      const subject = await create(t);
      await subject.cut();
      for (let i = 0; i < 100; i++) {
        subject.connection.send('{"type":"pong"}');
        assert.equal(subject.deliver(i, [LARGE]), true);
      }
      assert.equal(subject.connection.isWritable, true);
      subject.connection.pauseReading();
      subject.connection.resumeReading();
      subject.connection.close("slow", "gone");
    });

    test("[CONN-5] reading that was paused goes on when each pause is taken back, and no frame is lost", async (t) => {
      const subject = await create(t);
      const { connection, ping } = subject;
      connection.pauseReading();
      connection.pauseReading();
      for (let i = 0; i < 20; i++) ping?.();
      connection.resumeReading();
      connection.send('{"type":"signal","room":"a","body":"between"}');
      connection.resumeReading();
      const expected = ping === null ? 1 : 21;
      await until(subject, ({ frames, end }) => frames.length >= expected || end !== null);
      assert.equal(subject.frames.filter(({ type }) => type === "pong").length, expected - 1);
      assert.equal(subject.frames.filter(({ type }) => type === "signal").length, 1);
    });
  });
}

function until(subject: ConnectionSubject, isSo: (subject: ConnectionSubject) => boolean): Promise<void> {
  return new Promise((resolve) => {
    subject.onChange = () => {
      if (isSo(subject)) resolve();
    };
    subject.onChange();
  });
}

function shown(frame: Readonly<Record<string, unknown>>): string {
  const { type, body, messages } = frame as {
    readonly type: string;
    readonly body?: string;
    readonly messages?: readonly { readonly body: string }[];
  };
  return `${type} ${body ?? messages?.map((each) => each.body).join() ?? ""}`;
}
