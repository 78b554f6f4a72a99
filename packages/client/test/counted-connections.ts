import type { Logger } from "@parlor/server";

/** How many connections a server has, at each moment, by what it writes of them itself. */
export class CountedConnections {
  now = 0;
  most = 0;
  total = 0;

  get logger(): Logger {
    return {
      info: (_sentence, fields) => {
        if (fields?.["event"] === "open") {
          this.now += 1;
          this.total += 1;
          this.most = Math.max(this.most, this.now);
        } else if (fields?.["event"] === "close") this.now -= 1;
      },
      warn() {},
      error() {},
    };
  }
}
