/**
 * The script of the shared worker that holds the connection of a browser's tabs: give its address to `tabsLink`.
 */
import { WorkerHost } from "./worker-host.ts";

const host = new WorkerHost();
(globalThis as { onconnect?: (event: MessageEvent) => void }).onconnect = ({ ports }) => {
  const [port] = ports;
  if (port !== undefined) host.accept(port as never);
};
