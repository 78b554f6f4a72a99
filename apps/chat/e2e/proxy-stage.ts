import { TcpProxy } from "@parlor/testkit";
import { Stage } from "./stage.ts";

/** Starts a proxy in front of a server's port, for pages of an origin. */
export type ProxyStarter = (serverPort: number, origin: string) => Promise<StartedProxy>;

export interface StartedProxy {
  readonly port: number;
  close(): Promise<void>;
}

export interface ProxyStageSetting {
  readonly proxy: ProxyStarter;
  /** @default "http" */
  readonly scheme?: "http" | "https";
  /** What pages call the server. @default "127.0.0.1" */
  readonly host?: string;
  /** Flags of the server, for the origin of the pages. @default it is named by `--origins` */
  readonly args?: (origin: string) => readonly string[];
  readonly browserArgs?: readonly string[];
}

/**
 * What a browser says of requests that a proxy cut or refused, which is what these proxies are for, and of
 * a header that counts for secure origins only.
 */
const EXPECTED = /Failed to load resource|Cross-Origin-Opener-Policy header has been ignored/;

/** A stage with a proxy before it, and before that a network that can be cut, as the pages see it. */
export class ProxyStage implements AsyncDisposable {
  readonly stage: Stage;
  readonly network: TcpProxy;
  readonly #origin: string;
  readonly #proxies: StartedProxy[];
  readonly #serverPort: number;

  private constructor(
    stage: Stage,
    network: TcpProxy,
    origin: string,
    proxies: StartedProxy[],
    serverPort: number,
  ) {
    this.stage = stage;
    this.network = network;
    this.#origin = origin;
    this.#proxies = proxies;
    this.#serverPort = serverPort;
  }

  static async set(setting: ProxyStageSetting): Promise<ProxyStage> {
    const { proxy, scheme = "http", host = "127.0.0.1", browserArgs = [] } = setting;
    // The pages' port has to be known before the server starts; where it leads, only afterwards.
    const network = await TcpProxy.listen(0);
    const origin = `${scheme}://${host}:${network.port}`;
    const args = setting.args?.(origin) ?? ["--origins", origin];
    const proxies: StartedProxy[] = [];
    const end = async (): Promise<void> => {
      await network[Symbol.asyncDispose]();
      await Promise.all(proxies.map((each) => each.close()));
    };
    let port = 0;
    try {
      const stage = await Stage.set(args, {
        // The certificates of tests are trusted by nobody else; unlike the option of a context it reaches shared workers.
        browserArgs: scheme === "https" ? [...browserArgs, "--ignore-certificate-errors"] : browserArgs,
        expected: EXPECTED,
        front: async (serverPort) => {
          port = serverPort;
          proxies.push(await proxy(serverPort, origin));
          network.targetPort = proxies[0]?.port ?? 0;
          return { url: `${origin}/`, [Symbol.asyncDispose]: end };
        },
      });
      return new ProxyStage(stage, network, origin, proxies, port);
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** Connections that come from now on go through another proxy; those that are there stay. */
  async become(proxy: ProxyStarter): Promise<void> {
    const started = await proxy(this.#serverPort, this.#origin);
    this.#proxies.push(started);
    this.network.targetPort = started.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stage[Symbol.asyncDispose]();
  }
}
