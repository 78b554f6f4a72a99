/**
 * The script of the shared worker that holds the connection of a browser's tabs: give its address to `tabsLink`.
 */
import { WorkerHost } from "./worker-host.ts";

const host = new WorkerHost();
// So that pages know that there is a hub: its name is the worker's.
void navigator.locks?.request(
  (globalThis as { readonly name?: string }).name ?? "",
  () => new Promise(() => undefined),
);
(globalThis as { onconnect?: (event: MessageEvent) => void }).onconnect = ({ ports }) => {
  const [port] = ports;
  if (port !== undefined) host.accept(port as never);
};
