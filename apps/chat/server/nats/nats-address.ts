/** `--log nats://…`, taken apart. */
export interface NatsAddress {
  /** What the log is opened with. */
  readonly url: string;
  /** `host:port` of each server, without what belongs to nobody else's eyes. */
  readonly servers: readonly string[];
  /** Where each server is asked how it syncs. */
  readonly monitors: readonly string[];
}

const CLIENT_PORT = 4222;
const MONITOR_PORT = 8222;

/**
 * `nats://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT],…[?monitor=PORT[,PORT…]]`; of several monitoring ports each is the
 * one of the server that stands at its place. Null where it is none.
 */
export function readNatsAddress(spec: string): NatsAddress | null {
  const match = /^(nats:\/\/(?:[^@/?]*@)?([^@/?]+))\/?(?:\?monitor=([0-9,]+))?$/.exec(spec);
  if (match === null) return null;
  const [, url = "", list = "", ports] = match;
  const servers = list.split(",").map((server) => (hasPort(server) ? server : `${server}:${CLIENT_PORT}`));
  if (servers.some((server) => !URL.canParse(`http://${server}`) || server.startsWith(":"))) return null;
  const monitorPorts = (ports ?? String(MONITOR_PORT)).split(",");
  const monitors = servers.map((server, index) => {
    const { hostname } = new URL(`http://${server}`);
    return `http://${hostname}:${monitorPorts[index] ?? monitorPorts[0]}`;
  });
  return { url, servers, monitors };
}

function hasPort(server: string): boolean {
  return /:\d+$/.test(server) && !/^\[[^\]]*$/.test(server);
}
