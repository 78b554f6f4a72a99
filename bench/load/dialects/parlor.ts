import { decodeServerFrame, encodeFrame, SUBPROTOCOL } from "@parlor/protocol";
import type { Dialect } from "./dialect.ts";

/** The room that is measured, on every server that knows rooms. */
export const BENCH_ROOM = "bench";

/** The full protocol of Parlor. Its reader checks the chain, as a real client does. */
export const PARLOR: Dialect = {
  path: "/connect",
  subprotocol: SUBPROTOCOL,
  framesToJoin: 2,
  join: (member) => [helloFrame(member), encodeFrame({ type: "subscribe", room: BENCH_ROOM, last: 0 })],
  publish: (text, seq) => encodeFrame({ type: "publish", room: BENCH_ROOM, seq, body: text }),
  reader() {
    let cursor = -1;
    return (text) => {
      const decoded = decodeServerFrame(text);
      if (!decoded.ok) throw new Error(decoded.unknownType ?? decoded.fault);
      const { frame } = decoded;
      if (frame.type === "subscribed") cursor = frame.after;
      if (frame.type === "refused" || frame.type === "error") throw new Error(`${frame.type}: ${frame.code}`);
      if (frame.type !== "messages") return [];
      if (frame.after !== cursor)
        throw new Error(`the chain broke: ${frame.after} does not follow ${cursor}`);
      cursor = frame.messages.at(-1)?.offset ?? cursor;
      return frame.messages.map(({ body }) => String(body));
    };
  },
};

/** The hello of client number `member`: each its own identity and producer. */
export function helloFrame(member: number): string {
  const name = String(member).padStart(8, "0");
  return encodeFrame({ type: "hello", version: 1, key: `bench-identity-${name}`, producer: `bench-${name}` });
}
