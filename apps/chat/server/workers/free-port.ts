import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/**
 * A port that is free now. Workers that all died at one moment must find the one they had, so "any free
 * one" is settled before the first of them asks. 0 where the host is none: they say what is wrong with it.
 */
export async function freePort(host: string): Promise<number> {
  const server = createServer();
  try {
    server.listen(0, host);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
  } catch {
    // Whoever listens there in earnest says it in words.
    return 0;
  }
}
