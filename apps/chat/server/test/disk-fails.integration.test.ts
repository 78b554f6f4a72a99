import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { HistoryRecorder, RecordedPeer, checkHistory } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder, within } from "./parlor-process.ts";

const ROOM = "failing";

describe("a disk that fails", () => {
  test("[STOP-5] [DURABLE-2] an error of a sync ends the process with 70 and a sentence, and what was acked before is there after the restart", async (t) => {
    using folder = temporaryFolder();
    const args = ["--data", join(folder.path, "data"), "--publish-per-second", "Infinity"];
    const calls = "fsync,fdatasync";
    const failing = new ParlorProcess({
      args: [...args, "--port", "0"],
      // The first syncs make the file; from a later one on each reports what a broken disk would.
      through: [
        "strace",
        "-D",
        "-f",
        "-o",
        "/dev/null",
        "-e",
        `trace=${calls}`,
        "-e",
        `inject=${calls}:error=EIO:when=60+`,
      ],
    });
    const url = await failing.url;
    const { port } = new URL(url);
    const recorder = new HistoryRecorder();
    const peer = new RecordedPeer({
      url: () => `ws://127.0.0.1:${port}/connect`,
      room: ROOM,
      name: "peer",
      recorder,
      subscribes: true,
      window: 4,
    });
    peer.startPublishing();
    const { code } = await failing.end();
    assert.equal(code, 70);
    assert.match(failing.stderr.join("\n"), /log/i);
    const ackedBefore = peer.acked;
    assert.ok(ackedBefore > 0, "some publishes were acked before the disk failed");

    const whole = new ParlorProcess({ args: [...args, "--port", port] });
    await whole.url;
    const goal = ackedBefore + 20;
    await within(
      peer.until(() => peer.acked >= goal),
      "the peer did not come back",
    );
    peer.stopPublishing();
    await within(
      peer.until(() => peer.unackedCount === 0),
      "a publish was never answered",
    );
    const answer = await fetch(`${url}rooms/${ROOM}/messages?after=0&limit=500`);
    const page = (await answer.json()) as {
      epoch: string;
      earliest: number;
      head: number;
      messages: Parameters<HistoryRecorder["addLog"]>[3];
    };
    assert.equal(page.messages.at(-1)?.offset, page.head);
    recorder.addLog(ROOM, page.epoch, page.earliest, page.messages);
    await within(
      peer.until(() => peer.offset >= page.head),
      "the peer did not come to the end",
    );
    peer.close();
    assert.deepEqual(checkHistory(recorder.events, { settled: true }), []);
    t.diagnostic(`${ackedBefore} acked before the disk failed, ${page.head} in the log at the end`);
    whole.kill("SIGTERM");
    assert.equal((await whole.end()).code, 0);
  });
});
