/**
 * The script of the shared worker that holds the connection of a browser's tabs: give its address to `tabsLink`.
 */
import { WorkerHost } from "./worker-host.ts";

const host = new WorkerHost();
const name = (globalThis as { readonly name?: string }).name ?? "";
/**
 * So that pages know that there is a hub, and hear of its end: the lock's name is the worker's. A tab that the worker
 * did not answer in time takes it; while the worker lives it wants it back, or its tabs would hold it for ended.
 */
const hold = (): void => {
  navigator.locks
    ?.request(name, () => new Promise(() => undefined))
    .catch((fault: unknown) => {
      // Where there are no locks to be had there will be none; asked at once, again and again, it would do nothing else.
      if (fault instanceof DOMException && fault.name === "AbortError") hold();
    });
};
hold();
(globalThis as { onconnect?: (event: MessageEvent) => void }).onconnect = ({ ports }) => {
  const [port] = ports;
  if (port !== undefined) host.accept(port as never);
};
