import { ParlorClient } from "../client.ts";
import type { Line } from "./platform.ts";
import type { Hub } from "./hub.ts";
import { makeHub } from "./hub-client.ts";
import { isOurs, type TabMessage } from "./words.ts";

/** Serves the tabs that open a line to it; a hub for each server. */
export class WorkerHost {
  readonly #hubs = new Map<string, Hub>();
  readonly #Client: typeof ParlorClient;

  constructor(Client = ParlorClient) {
    this.#Client = Client;
  }

  accept(line: Line): void {
    const port = { post: (message: object) => line.postMessage(message) };
    let hub: Hub | undefined;
    line.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!isOurs(data)) return;
      const message = data as TabMessage;
      if (message.kind === "open") hub = this.#hubOf(message.base);
      hub?.take(port, message);
    };
  }

  /** Ends every tab's connection, and those to the servers. */
  close(): void {
    for (const hub of this.#hubs.values()) hub.close();
    this.#hubs.clear();
  }

  #hubOf(base: string): Hub {
    let hub = this.#hubs.get(base);
    if (hub === undefined) this.#hubs.set(base, (hub = makeHub(this.#Client)));
    return hub;
  }
}
