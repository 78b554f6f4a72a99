import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { checkHistory, HistoryRecorder, RecordedPeer } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder, within } from "./parlor-process.ts";
import { ParlorSocket } from "./parlor-socket.ts";
import { allGone, familyOf } from "./worker-processes.ts";

const IN_MEMORY = { PORT: "0", PARLOR_LOG: "memory:", PARLOR_WORKERS: "2" };

/** On a connection of its own, as through a balancer that keeps none. */
async function get(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { headers: { connection: "close" } });
  return { status: response.status, text: await response.text() };
}

/** Which worker answers. */
async function worker(url: string): Promise<string> {
  const { text } = await get(`${url}metrics`);
  const [, label] = /^parlor_rooms_open\{worker="(\d+)"\} /m.exec(text) ?? [];
  assert.ok(label !== undefined, text.slice(0, 400));
  return label;
}

async function becomesReady(url: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  // Both workers must be: twice in turn.
  for (let ready = 0; ready < 4; ) {
    const { status } = await get(`${url}readyz`);
    ready = status === 200 ? ready + 1 : 0;
    assert.ok(performance.now() < deadline, "the server is not ready again");
    if (ready === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("the parlor command with workers", () => {
  test("[WORKERS-1] [WORKERS-2] connections go to the workers in turn, and what one takes the other shows", async () => {
    await using parlor = new ParlorProcess({ entry: "main.ts", environment: IN_MEMORY });
    const url = await parlor.url;
    const answered: string[] = [];
    for (let i = 0; i < 6; i++) answered.push(await worker(url));
    assert.equal(new Set(answered).size, 2);
    for (let i = 2; i < 6; i++) assert.equal(answered[i], answered[i - 2], answered.join());
    const status = JSON.parse(
      await (await fetch(`${url}status`, { headers: { accept: "application/json" } })).text(),
    ) as { worker: string };
    assert.match(status.worker, /^[12]$/);

    const [first, second] = [
      await ParlorSocket.open(url, "rooms/lobby"),
      await ParlorSocket.open(url, "rooms/lobby"),
    ];
    first.send("over one");
    for (const each of [first, second]) {
      await each.next((frame) => JSON.stringify(frame["messages"]) === '["over one"]');
    }
    for (let i = 0; i < 2; i++) {
      assert.match((await get(`${url}rooms/lobby/messages`)).text, /over one/);
    }
    for (const each of [first, second]) each.close();
    assert.match(parlor.stdout.join("\n"), /2 workers share the port/);
  });

  test("[WORKERS-12] every worker tells what the owner of the log uses, and that one which does not answer is not up", async () => {
    await using parlor = new ParlorProcess({ environment: IN_MEMORY });
    const url = await parlor.url;
    const { owner } = await familyOf(parlor);
    const figure = (text: string, name: string): number =>
      Number(new RegExp(`^parlor_log_owner_${name} (\\S+)$`, "m").exec(text)?.[1]);
    for (let turn = 0; turn < 2; turn++) {
      const { text } = await get(`${url}metrics`);
      assert.equal(figure(text, "up"), 1);
      assert.equal(figure(text, "links"), 2);
      assert.equal(figure(text, "waiting_bytes"), 0);
      assert.equal(figure(text, 'log_status{state="ready"}'), 1);
      assert.ok(figure(text, "cpu_seconds_total") > 0);
      const resident = Number((await readFile(`/proc/${owner}/statm`, "utf8")).split(" ")[1]) * 4_096;
      const told = figure(text, "resident_bytes");
      assert.ok(told > resident / 2 && told < resident * 2, `${told} told, ${resident} used`);
      assert.deepEqual(text.match(/^# TYPE (\S+) /gm)?.length, new Set(text.match(/^# TYPE (\S+) /gm)).size);
    }
    process.kill(owner, "SIGSTOP");
    try {
      const { status, text } = await get(`${url}metrics`);
      assert.equal(status, 200);
      assert.equal(figure(text, "up"), 0);
      assert.ok(Number.isNaN(figure(text, "links")));
      assert.match(text, /^parlor_rooms_open\{worker="\d"\} /m);
    } finally {
      process.kill(owner, "SIGCONT");
    }
  });

  test("[WORKERS-3] a signal drains the workers, then the owner, exits 0 and leaves nothing behind", async () => {
    using folder = temporaryFolder();
    const args = ["--port", "0", "--data", folder.path, "--workers", "2"];
    await using parlor = new ParlorProcess({ args });
    const url = await parlor.url;
    const { owner, workers } = await familyOf(parlor);
    const members = [await ParlorSocket.join(url), await ParlorSocket.join(url)];
    const askedAt = performance.now();
    parlor.kill("SIGTERM");
    for (const member of members) {
      assert.equal((await member.next((frame) => frame["type"] === "bye"))["code"], "draining");
      assert.equal((await within(member.closed, "no close")).code, 1001);
    }
    assert.deepEqual(await parlor.end(), { code: 0, signal: null });
    assert.ok(performance.now() - askedAt < 10_000);
    await allGone([owner, ...workers]);
    assert.deepEqual(parlor.stderr, []);
    await using again = new ParlorProcess({ args });
    await again.url;
    again.kill("SIGINT");
    assert.equal((await again.end()).code, 0);
  });

  test("[WORKERS-3] a second signal more than a second later ends everything at once", async () => {
    await using parlor = new ParlorProcess({ environment: IN_MEMORY });
    const stays = await ParlorSocket.open(await parlor.url, "rooms/lobby");
    const { owner, workers } = await familyOf(parlor);
    parlor.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    parlor.kill("SIGTERM");
    assert.equal((await parlor.end()).code, 143);
    await allGone([owner, ...workers]);
    await within(stays.closed, "no close");
  });

  test("[WORKERS-4] a worker or an owner that dies is started again, in one line each, and the port never changes", async () => {
    using folder = temporaryFolder();
    await using parlor = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2"],
    });
    const url = await parlor.url;
    const before = await familyOf(parlor);
    for (const pid of [...before.workers, before.owner]) process.kill(pid, "SIGKILL");
    await allGone([...before.workers, before.owner]);
    const deadline = performance.now() + 20_000;
    for (;;) {
      const answer = await get(`${url}healthz`).catch(() => null);
      if (answer !== null) break;
      assert.ok(performance.now() < deadline, `no worker came back: ${parlor.stderr.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await becomesReady(url);
    const after = await familyOf(parlor);
    assert.equal(after.workers.length, 2);
    const said = (): readonly string[] => parlor.stderr.filter((line) => line.includes("SIGKILL"));
    await parlor.printed(() => said().length >= 3);
    assert.equal(said().length, 3, parlor.stderr.join("\n"));
    assert.ok(
      said().every((line) => /^(Worker [12]|The owner of the log) ended with SIGKILL; another/.test(line)),
    );
    assert.equal(
      (
        await fetch(`${url}rooms/lobby/messages`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: '"still there"',
        })
      ).status,
      201,
    );
  });

  test("[WORKERS-11] of a worker that is killed, every connection ends, the one on its way to it, too", async () => {
    await using parlor = new ParlorProcess({ environment: IN_MEMORY });
    const url = await parlor.url;
    const { workers } = await familyOf(parlor);
    const answers: Promise<string>[] = [];
    const ask = (): void => {
      const signal = AbortSignal.timeout(10_000);
      answers.push(
        fetch(`${url}healthz`, { headers: { connection: "close" }, signal }).then(
          () => "answered",
          (error: Error) => (error.name === "TimeoutError" ? "nothing for 10 s" : "ended"),
        ),
      );
    };
    for (const pid of workers) {
      for (let i = 0; i < 10; i++) ask();
      process.kill(pid, "SIGKILL");
      for (let i = 0; i < 40; i++) {
        ask();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const said = await Promise.all(answers);
    assert.ok(!said.includes("nothing for 10 s"), said.join());
  });

  test("[WORKERS-5] while the owner is away a worker is not ready, refuses in words, and is ready again by itself", async () => {
    using folder = temporaryFolder();
    await using parlor = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2"],
    });
    const url = await parlor.url;
    const { owner } = await familyOf(parlor);
    // Stopped first, so that the worker sees no answer; then killed, so that it sees the link break.
    process.kill(owner, "SIGKILL");
    let refusal = await get(`${url}readyz`);
    const deadline = performance.now() + 5_000;
    while (refusal.status === 200 && performance.now() < deadline) refusal = await get(`${url}readyz`);
    assert.equal(refusal.status, 503);
    assert.match(refusal.text, /"unavailable".*owner can't be reached/);
    await becomesReady(url);
  });

  test("[WORKERS-6] when the supervisor is killed, owner and workers end by themselves and the folder is free", async () => {
    using folder = temporaryFolder();
    const args = ["--port", "0", "--data", folder.path, "--workers", "2"];
    const parlor = new ParlorProcess({ args });
    await parlor.url;
    const { owner, workers } = await familyOf(parlor);
    parlor.kill("SIGKILL");
    await allGone([owner, ...workers]);
    await parlor.end();
    await using again = new ParlorProcess({ args });
    await again.url;
  });

  test("[WORKERS-7] what was asked for and can't be had is one sentence and exit code 2", async () => {
    using folder = temporaryFolder();
    await using first = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2"],
    });
    const { port } = new URL(await first.url);
    await using sameFolder = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2"],
    });
    assert.equal((await sameFolder.end()).code, 2);
    assert.match(sameFolder.stderr.join("\n"), /^parlor: another process has the log in .* open/);
    await using samePort = new ParlorProcess({
      environment: { PARLOR_LOG: "memory:" },
      args: ["--port", port, "--workers", "3"],
    });
    assert.equal((await samePort.end()).code, 2);
    assert.deepEqual(samePort.stderr.length, 1, samePort.stderr.join("\n"));
    assert.match(samePort.stderr[0] ?? "", /^parlor: Port \d+ on 127\.0\.0\.1 is taken/);
    await using badHost = new ParlorProcess({
      environment: IN_MEMORY,
      args: ["--host", "192.0.2.1"],
    });
    assert.equal((await badHost.end()).code, 2);
    assert.match(badHost.stderr.join("\n"), /192\.0\.2\.1 is not an address of this machine/);
  });

  test("[WORKERS-9] a disk that failed ends everything with 70 and one sentence", async () => {
    using folder = temporaryFolder();
    const calls = "fsync,fdatasync";
    await using parlor = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2", "--publish-per-second", "Infinity"],
      // As for one process: the first syncs make the file, each later one fails.
      through: ["strace", "-D", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", `trace=${calls}`].concat([
        "-e",
        `inject=${calls}:error=EIO:when=60+`,
      ]),
    });
    const url = await parlor.url;
    const peer = new RecordedPeer({
      url: () => `${url.replace("http", "ws")}connect`,
      room: "failing",
      name: "peer",
      recorder: new HistoryRecorder(),
      subscribes: false,
      window: 4,
    });
    peer.startPublishing();
    assert.equal((await parlor.end()).code, 70);
    peer.close();
    assert.ok(peer.acked > 0);
    assert.equal(parlor.stderr.length, 1, parlor.stderr.join("\n"));
    assert.match(parlor.stderr[0] ?? "", /^The log failed and nothing more is accepted: the disk failed/);
  });

  test("[WORKERS-8] [DURABLE-1] [ONCE-1] [ORDER-1] [CHAIN-1] workers and the owner are killed under load, and nothing acked is lost, doubled or out of order", async (t) => {
    const ROOM = "kill";
    const ROUNDS = 6;
    using folder = temporaryFolder();
    await using parlor = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2", "--publish-per-second", "Infinity"],
    });
    const url = await parlor.url;
    const recorder = new HistoryRecorder();
    const peers = Array.from(
      { length: 8 },
      (_, i) =>
        new RecordedPeer({
          url: () => `${url.replace("http", "ws")}connect`,
          room: ROOM,
          name: `peer ${i}`,
          recorder,
          subscribes: i < 6,
        }),
    );
    const publishers = peers.slice(2);
    for (const publisher of publishers) publisher.startPublishing();
    for (let round = 0; round < ROUNDS; round++) {
      const goals = publishers.map(({ acked }) => acked + 50);
      await Promise.all(
        publishers.map((publisher, i) =>
          within(
            publisher.until(() => publisher.acked >= (goals[i] as number)),
            `publisher ${i} got no answers in round ${round}`,
          ),
        ),
      );
      const { owner, workers } = await familyOf(parlor);
      const victim = round % 2 === 0 ? workers[(round / 2) % 2] : owner;
      assert.ok(victim !== undefined);
      process.kill(victim, "SIGKILL");
      await allGone([victim]);
    }
    for (const publisher of publishers) publisher.stopPublishing();
    for (const publisher of publishers) {
      await within(
        publisher.until(() => publisher.unackedCount === 0),
        "a publish was never answered",
      );
    }
    await becomesReady(url);
    const { head, messages, epoch, earliest } = await readLog(url, ROOM);
    for (const one of peers.slice(0, 6)) {
      await within(
        one.until(() => one.offset >= head),
        `somebody stopped at ${one.offset} of ${head}`,
      );
    }
    for (const one of peers) one.close();
    recorder.addLog(ROOM, epoch, earliest, messages);
    assert.deepEqual(checkHistory(recorder.events, { settled: true }).slice(0, 10), []);
    const acked = publishers.reduce((sum, publisher) => sum + publisher.acked, 0);
    t.diagnostic(`${ROUNDS} kills, ${acked} acked, ${head} in the log`);
    parlor.kill("SIGTERM");
    assert.equal((await parlor.end()).code, 0);
  });
});

interface LogPage {
  readonly epoch: string;
  readonly earliest: number;
  readonly head: number;
  readonly messages: Parameters<HistoryRecorder["addLog"]>[3][number][];
}

/** The whole room, read page by page over both workers in turn. */
async function readLog(url: string, room: string): Promise<LogPage> {
  const messages: LogPage["messages"] = [];
  for (;;) {
    const after = messages.at(-1)?.offset ?? 0;
    const { status, text } = await get(`${url}rooms/${room}/messages?after=${after}&limit=500`);
    assert.equal(status, 200, text);
    const page = JSON.parse(text) as LogPage;
    messages.push(...page.messages);
    if (page.messages.length === 0 || (messages.at(-1)?.offset ?? 0) >= page.head)
      return { ...page, messages };
  }
}
