import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { acksBeforeDurable, HistoryRecorder, parseStrace, RecordedPeer } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder, within } from "./parlor-process.ts";

const CALLS = "pwrite64,pwritev,write,writev,fsync,fdatasync,sendto,sendmsg";
const PUBLISHERS = 3;
const PUBLISHES = 40;

describe("an ack comes after the disk", () => {
  test("[DURABLE-1] no byte of an ack, or of the message for anybody, leaves before a sync of its record has returned", async (t) => {
    using folder = temporaryFolder();
    const trace = join(folder.path, "trace");
    const server = new ParlorProcess({
      args: ["--data", join(folder.path, "data"), "--port", "0", "--publish-per-second", "Infinity"],
      // -D: the server stays the process that is started, so that signals reach it and not the tracer.
      through: [
        "strace",
        "-D",
        "-f",
        "--seccomp-bpf",
        "-y",
        "-ttt",
        "-s",
        "65536",
        "-o",
        trace,
        "-e",
        `trace=${CALLS}`,
      ],
    });
    const url = await server.url;
    const recorder = new HistoryRecorder();
    const peers = Array.from(
      { length: PUBLISHERS },
      (_, i) =>
        new RecordedPeer({
          url: () => `${url.replace("http", "ws")}connect`,
          // A room each, so that an ack, which names room and seq only, can be told apart.
          room: `traced-${i}`,
          name: `peer ${i}`,
          recorder,
          subscribes: true,
          window: 2,
        }),
    );
    for (const peer of peers) peer.startPublishing();
    for (const peer of peers) {
      await within(
        peer.until(() => peer.acked >= PUBLISHES),
        "a publisher got no answers",
      );
      peer.stopPublishing();
    }
    for (const peer of peers)
      await within(
        peer.until(() => peer.unackedCount === 0),
        "a publish was never answered",
      );
    for (const peer of peers) peer.close();
    server.kill("SIGTERM");
    assert.equal((await server.end()).code, 0);

    // The body stands in the record, and in every frame that shows the message; what comes in is read, not written.
    const records = new Map<string, { marker: string; answers: string[] }>();
    for (const event of recorder.events) {
      if (event.kind !== "publish" || event.outcome !== "invoke") continue;
      const marker = event.body.slice(1, -1);
      const ack = `{"type":"ack","room":"${event.room}","seq":${event.seq},"`;
      records.set(marker, { marker, answers: [marker, ack] });
    }
    const { violations, answersSeen } = acksBeforeDurable(parseStrace(readFileSync(trace, "latin1")), [
      ...records.values(),
    ]);
    assert.deepEqual(violations.slice(0, 5), []);
    // An ack and the message itself may leave in one write.
    assert.ok(
      answersSeen >= records.size,
      `the trace shows ${answersSeen} answers for ${records.size} records`,
    );
    t.diagnostic(
      `${records.size} records, ${answersSeen} writes that ack or show them, none before its sync`,
    );
  });
});
