// What somebody writes in TypeScript against the declarations, in a server and in Node.
import {
  CodedError,
  ParlorClient,
  roomState,
  type ClientOptions,
  type ConnectionState,
} from "@parlor/client";
import { SqliteLog, type RoomLog } from "@parlor/log";
import { SUBPROTOCOL, type ErrorCode } from "@parlor/protocol";
import { Parlor, type ParlorOptions } from "@parlor/server";
import { checkHistory, type Violation } from "@parlor/testkit";

const log: RoomLog = await SqliteLog.open({ folder: "./data" });
const options: ParlorOptions = { log, authorize: ({ action }) => action !== "set" };
const parlor = new Parlor(options);
const { port } = await parlor.listen({ port: 0 });
const clientOptions: ClientOptions = { transports: ["websocket"] };
const client = new ParlorClient(`http://127.0.0.1:${port}/`, clientOptions);
const offset: number | null = (await client.room("news").publish({ text: "hello" })).offset;
const state: ConnectionState = client.state;
const violations: Violation[] = [...checkHistory([])];
const code: ErrorCode = "forbidden";
roomState(client.room("news")).on("change", () => undefined);
// @ts-expect-error a port is a number
await parlor.listen({ port: "8080" });
// @ts-expect-error there is no such option
new ParlorClient("http://127.0.0.1/", { transport: "pigeon" });
export { CodedError, code, offset, state, SUBPROTOCOL, violations };
