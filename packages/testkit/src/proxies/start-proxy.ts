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
  return await behindNetwork(proxy, options.delayMs);
}

/** Puts a network that a test can break in front of something that listens on 127.0.0.1. */
export async function behindNetwork(
  inner: { readonly port: number; close(): Promise<void> },
  delayMs = 0,
): Promise<RunningProxy> {
  const network = await TcpProxy.listen(inner.port);
  network.delay(delayMs);
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= Promise.all([network[Symbol.asyncDispose](), inner.close()]).then(() => undefined);
    return closing;
  };
  return { port: network.port, network, close, [Symbol.asyncDispose]: close };
}
