import type { TestContext } from "node:test";
import type { ServerFrame } from "@parlor/protocol";
import { answerFrames, postFrames, StreamReader } from "./exchange.ts";
import { Peer } from "./peer.ts";
import type { RunningParlor } from "./parlor-server.ts";

/** The ways to reach a server, each of which must give the same. */
export const ROADS = ["websocket", "stream", "poll"] as const;
export type Road = (typeof ROADS)[number];

/** One connection downward, of whatever road. */
export interface Downward {
  /** The next frame behind `welcome`. */
  next(): Promise<ServerFrame>;
  /** Ends it as a network does: without a word. */
  cut(): void;
}

export interface Upward {
  /** Publishes; gives the answers, or rejects where it is cut before. */
  publish(frames: readonly object[]): Promise<ServerFrame[]>;
  cut(): void;
}

/** Opens a road down. `subscribe` gives the frame for what the reader has at that moment. */
export async function openDownward(
  t: TestContext,
  { origin, port }: RunningParlor,
  road: Road,
  hello: { readonly key: string },
  subscribe: () => object,
): Promise<Downward> {
  if (road === "websocket") {
    const peer = await Peer.join(t, port, hello);
    peer.send(subscribe());
    return { next: () => peer.any(), cut: () => peer.socket.webSocket.terminate() };
  }
  const opening = (): object[] => [
    { type: "hello", version: 1, producer: "producer-1", ...hello },
    subscribe(),
  ];
  if (road === "stream") {
    const stream = await StreamReader.open(t, origin, opening());
    await stream.next("welcome");
    return { next: () => stream.frames.next(), cut: () => stream.cut() };
  }
  const abort = new AbortController();
  let frames: ServerFrame[] = [];
  let wait = 0;
  return {
    async next() {
      while (frames.length === 0) {
        const url = `${origin}/connect/poll?wait=${wait}`;
        const answer = await answerFrames(await postFrames(url, opening(), { signal: abort.signal }));
        frames = answer.slice(1);
        wait = 25;
      }
      return frames.shift() as ServerFrame;
    },
    cut: () => abort.abort(),
  };
}

/** Opens a road up: a WebSocket, or else a request for each time that something is published. */
export async function openUpward(
  t: TestContext,
  { origin, port }: RunningParlor,
  road: Road,
  hello: { readonly key: string },
): Promise<Upward> {
  if (road === "websocket") {
    const peer = await Peer.join(t, port, hello);
    return {
      async publish(frames) {
        peer.send(...frames);
        const answers: ServerFrame[] = [];
        while (answers.length < frames.length) answers.push(await peer.any());
        return answers;
      },
      cut: () => peer.socket.webSocket.terminate(),
    };
  }
  const abort = new AbortController();
  return {
    async publish(frames) {
      const body = [{ type: "hello", version: 1, producer: "producer-1", ...hello }, ...frames];
      const answer = await postFrames(`${origin}/connect/send`, body, { signal: abort.signal });
      return (await answerFrames(answer)).slice(1);
    },
    cut: () => abort.abort(),
  };
}
