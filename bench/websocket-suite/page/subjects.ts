import { ParlorSocket } from "@parlor/client/parlor-socket";
import { WebSocket as PartySocket } from "partysocket";
import ReconnectingWebSocket from "reconnecting-websocket";
import type { Subject } from "./suite-case.ts";

const asClass = (given: unknown): typeof WebSocket => given as typeof WebSocket;

/**
 * Each is given to the cases as it is; a class that is fit for the global's place has its name.
 *
 * @param origins Of the suite's server, all of them.
 */
export function subjectCalled(key: string, origins: readonly string[]): Subject {
  switch (key) {
    case "native":
      return { key, name: "WebSocket", Socket: WebSocket };
    case "ParlorSocket":
      return { key, name: "ParlorSocket", Socket: asClass(ParlorSocket) };
    case "ParlorSocket.resuming":
      return { key, name: "WebSocket", Socket: ParlorSocket.resuming(origins) };
    case "partysocket":
      return { key, name: "ReconnectingWebSocket", Socket: asClass(PartySocket) };
    case "reconnecting-websocket":
      return { key, name: "ReconnectingWebSocket", Socket: asClass(ReconnectingWebSocket) };
    default:
      throw new Error(`nothing is called ${key}`);
  }
}
