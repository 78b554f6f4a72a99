import { TcpProxy } from "../tcp-proxy.ts";
import { HttpProxy } from "./http-proxy.ts";
import type { ProxyFault } from "./proxy-fault.ts";

export interface ProxyOptions {
  /** Port of the server on 127.0.0.1. */
  readonly upstreamPort: number;
  /** What this proxy does other than a good one; of two that treat the same thing the later counts. */
  readonly faults?: readonly ProxyFault[];
  /** How long every byte takes, each way, ms. @default 0 */
  readonly delayMs?: number;
}

/** A proxy that runs. */
export interface RunningProxy extends AsyncDisposable {
  readonly port: number;
  /** The network in front of it, which can be cut, stopped, delayed and throttled at any moment. */
  readonly network: TcpProxy;
  /** Ends it, and every connection that goes through it. Twice is harmless. */
  close(): Promise<void>;
}

/**
 * Starts a proxy with these faults on a free port of 127.0.0.1. It keeps its port for as long as it runs,
 * so that the server behind it may be killed and started again.
 */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const fault: ProxyFault = Object.assign({}, ...(options.faults ?? []));
  const proxy = await HttpProxy.listen(options.upstreamPort, fault);
  const network = await TcpProxy.listen(proxy.port);
  network.delay(options.delayMs ?? 0);
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= Promise.all([network[Symbol.asyncDispose](), proxy.close()]).then(() => undefined);
    return closing;
  };
  return { port: network.port, network, close, [Symbol.asyncDispose]: close };
}
