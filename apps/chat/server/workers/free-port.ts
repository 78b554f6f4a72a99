import { once } from "node:events";
import { createServer } from "node:net";
import type { Random } from "@parlor/base";

/**
 * Below what systems give to outgoing connections and to listeners that take any port (Linux begins at
 * 32,768, others at 49,152), and above what services have by custom.
 */
const PORTS = { from: 20_000, to: 32_767 } as const;

const MAX_TRIES = 50;

/**
 * A port that is free now, and stays so. Workers that all died at one moment must find the one they had: so
 * "any free one" is settled before the first of them asks, and is none that a passing connection may take in
 * that moment. 0 where the host is none: they say what is wrong with it.
 */
export async function freePort(host: string, random: Random): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = PORTS.from + Math.floor(random() * (PORTS.to - PORTS.from + 1));
    const fault = await faultOf(port, host);
    if (fault === null) return port;
    if (fault !== "EADDRINUSE" && fault !== "EACCES") return 0;
  }
  return 0;
}

/** The system's code for why nothing can listen there; null where it can. */
async function faultOf(port: number, host: string): Promise<string | null> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "";
  }
}
