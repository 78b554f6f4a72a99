import { setTimeout as wait } from "node:timers/promises";
import { ParlorClient } from "@parlor/client";
import { TcpProxy, until } from "@parlor/testkit";
import type { Contestant } from "./contestants.ts";

const IN_FLIGHT = 100;
const PATIENCE_MS = 60_000;
const BODY = "x".repeat(200);

/** Publishes that were acknowledged a second, of so many clients spread over the nodes, each with a room of its own. */
export async function publishesPerSecond(of: Contestant, clients: number, windowMs: number): Promise<number> {
  let acked = 0;
  let isOver = false;
  const publishers = Array.from({ length: clients }, (_, i) => new ParlorClient(of.urlOf(i)));
  const lanes = publishers.flatMap((client, i) => {
    const room = client.room(`speed-${i}`);
    return Array.from({ length: IN_FLIGHT }, async () => {
      while (!isOver) {
        await room.publish(BODY);
        acked += 1;
      }
    });
  });
  await wait(windowMs / 4);
  const before = acked;
  const fromMs = performance.now();
  await wait(windowMs);
  const perSecond = ((acked - before) * 1_000) / (performance.now() - fromMs);
  isOver = true;
  await Promise.all(lanes);
  for (const client of publishers) client.close();
  return perSecond;
}

/** From `publish` at one node until a subscriber of the next one has the message, ms each. */
export async function deliveryTimes(of: Contestant, messages: number, everyMs: number): Promise<number[]> {
  const near = new ParlorClient(of.urlOf(0));
  const far = new ParlorClient(of.urlOf(1));
  const room = far.room("times");
  const sentMs = new Map<unknown, number>();
  const times: number[] = [];
  room.on("messages", (messages) => {
    for (const { body } of messages) {
      const sent = sentMs.get(body);
      if (sent !== undefined) times.push(performance.now() - sent);
    }
  });
  const isSubscribed = new Promise((resolve) => room.on("subscribed", resolve));
  room.subscribe();
  await isSubscribed;
  await near.room("times").publish("first");
  for (let i = 0; i < messages; i++) {
    sentMs.set(i, performance.now());
    void near.room("times").publish(i);
    await wait(everyMs);
  }
  await until(() => times.length >= messages, PATIENCE_MS);
  near.close();
  far.close();
  return times.sort((a, b) => a - b);
}

/** From a fault until the first message that was published after it is delivered, ms. */
export async function firstDeliveryAfter(of: Contestant, fault: "node" | "leader"): Promise<number> {
  // What balances sends connections elsewhere as soon as the node is gone.
  await using line = await TcpProxy.listen(of.portOf(0));
  const speaker = new ParlorClient(of.urlOf(1));
  const reader = new ParlorClient(`http://127.0.0.1:${line.port}/`);
  const room = reader.room("after");
  let faultMs = Infinity;
  let deliveredMs: number | null = null;
  room.on("messages", (messages) => {
    if (messages.some(({ body }) => (body as number) > faultMs)) deliveredMs ??= performance.now();
  });
  const isSubscribed = new Promise((resolve) => room.on("subscribed", resolve));
  room.subscribe();
  await isSubscribed;
  await speaker.room("after").publish(0);
  if (fault === "node") {
    faultMs = performance.now();
    await of.nodes[0]?.end("SIGKILL");
    line.targetPort = of.portOf(2);
  } else {
    const leader = await leaderOfBusiest(of);
    faultMs = performance.now();
    await of.nats?.kill(leader);
  }
  const speaking = setInterval(() => {
    // What is not answered when it ends is nobody's matter any more.
    speaker
      .room("after")
      .publish(performance.now())
      .catch(() => undefined);
  }, 20);
  const came = await until(() => deliveredMs !== null, PATIENCE_MS);
  clearInterval(speaking);
  speaker.close();
  reader.close();
  if (!came || deliveredMs === null) throw new Error(`nothing was delivered in ${PATIENCE_MS} ms`);
  return deliveredMs - faultMs;
}

/** Rooms are spread over the streams by hash; a server that leads as many as any is as good as any. */
async function leaderOfBusiest(of: Contestant): Promise<number> {
  const counts = [0, 0, 0];
  for (let shard = 0; shard < 4; shard++) {
    const leader = await of.nats?.leaderOf(`parlor_${shard}`);
    if (leader !== undefined) counts[leader] = (counts[leader] ?? 0) + 1;
  }
  return counts.indexOf(Math.max(...counts));
}

/** Clients of a node that is killed: until all are elsewhere with all that was said, ms; and whether all have all. */
export async function crowdMoves(
  of: Contestant,
  clients: number,
  messages: number,
): Promise<{ readonly ms: number; readonly isWhole: boolean }> {
  await using line = await TcpProxy.listen(of.portOf(0));
  const url = `http://127.0.0.1:${line.port}/`;
  const crowd = Array.from({ length: clients }, () => {
    const client = new ParlorClient(url, { transports: ["websocket"] });
    const seen: unknown[] = [];
    const room = client.room("crowd");
    room.on("messages", (messages) => {
      for (const { body } of messages) seen.push(body);
    });
    room.subscribe();
    return { client, seen };
  });
  await until(() => crowd.every(({ client }) => client.state.kind === "open"), PATIENCE_MS);
  const speaker = new ParlorClient(of.urlOf(1));
  const fromMs = performance.now();
  await of.nodes[0]?.end("SIGKILL");
  line.targetPort = of.portOf(2);
  for (let i = 0; i < messages; i++) await speaker.room("crowd").publish(i);
  await until(() => crowd.every(({ seen }) => seen.length >= messages), PATIENCE_MS);
  const ms = performance.now() - fromMs;
  const isWhole = crowd.every(({ seen }) => seen.length === messages && seen.every((body, i) => body === i));
  for (const { client } of crowd) client.close();
  speaker.close();
  return { ms, isWhole };
}

/** Resident bytes of a node, KiB. */
export async function residentKib(url: string): Promise<number> {
  const text = await (await fetch(`${url}metrics`)).text();
  return Number(/^parlor_process_resident_bytes(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1] ?? NaN) / 1_024;
}

/** Writes one message into each of so many rooms, which then are quiet. */
export async function fillRooms(of: Contestant, rooms: number): Promise<number> {
  const fromMs = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: 50 }, async (_, lane) => {
      while (next < rooms) {
        const room = `quiet-${next++}`;
        // A publish that is refused for now is sent again, as a client would.
        while (!(await publishOnce(of.urlOf(lane), room))) await wait(100);
      }
    }),
  );
  return performance.now() - fromMs;
}

async function publishOnce(url: string, room: string): Promise<boolean> {
  const answer = await fetch(`${url}rooms/${room}/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": room },
    body: '"one"',
  });
  const text = await answer.text();
  if (!answer.ok && answer.status !== 503) throw new Error(`${room}: ${answer.status} ${text}`);
  return answer.ok;
}
