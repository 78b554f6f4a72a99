import { randomInteger, randomItem, shuffled, type Direction, type TcpProxy, wait } from "@parlor/testkit";
import type { Scene } from "../scene.ts";

/** What is needed to break networks. */
export type NetworkScene = Pick<Scene, "crowd" | "tally" | "random"> & {
  readonly clock: Pick<Scene["clock"], "isAvailable" | "jump">;
};

/** What is done to the networks and the clock, one after the other, whatever is done to the server meanwhile. */
export const NETWORK_FAULTS = {
  async cuts(scene: NetworkScene): Promise<void> {
    const network = pick(scene);
    scene.tally.add("connections cut", network.connectionCount);
    network.cutAll();
  },

  /** Half-open: nothing goes through, nobody is told. */
  async silences(scene: NetworkScene): Promise<void> {
    const { random } = scene;
    const network = pick(scene);
    network.pause(randomItem<Direction | "both">(random, ["both", "to-client", "to-server"]));
    await wait(randomInteger(random, 500, 6_000));
    // What waited meanwhile arrives late, or never.
    if (random() < 0.5) network.cutAll();
    network.resume();
  },

  async delays(scene: NetworkScene): Promise<void> {
    const { random } = scene;
    const network = pick(scene);
    network.delay(randomInteger(random, 50, 1_500));
    await wait(randomInteger(random, 500, 4_000));
    network.delay(0);
  },

  async throttles(scene: NetworkScene): Promise<void> {
    const { random } = scene;
    const network = pick(scene);
    network.throttle(randomInteger(random, 1_000, 20_000));
    await wait(randomInteger(random, 500, 4_000));
    network.throttle(Infinity);
  },

  /** Bytes come in small pieces, cut anywhere: within a frame, a head, a character. */
  async splits(scene: NetworkScene): Promise<void> {
    const { random } = scene;
    const network = pick(scene);
    network.split(() => randomInteger(random, 1, 40));
    await wait(randomInteger(random, 500, 4_000));
    network.split(Infinity);
  },

  /** What was written one by one comes together. */
  async coalesces(scene: NetworkScene): Promise<void> {
    const { random } = scene;
    const network = pick(scene);
    network.coalesce({
      holdMs: randomInteger(random, 50, 1_000),
      untilBytes: randomInteger(random, 1, 20_000),
    });
    await wait(randomInteger(random, 500, 4_000));
    network.coalesce(null);
  },

  async "clock jumps"({ clock, random }: NetworkScene): Promise<void> {
    clock.jump(random);
  },
};

export type NetworkFault = keyof typeof NETWORK_FAULTS;

/** Every kind in turn, in another order each time. */
export function* networkFaults({
  random,
  clock,
}: Pick<NetworkScene, "random" | "clock">): Generator<NetworkFault, never> {
  const kinds = (Object.keys(NETWORK_FAULTS) as NetworkFault[]).filter(
    (kind) => kind !== "clock jumps" || clock.isAvailable,
  );
  for (;;) yield* shuffled(random, [...kinds, "cuts", "cuts", "cuts"] as const);
}

function pick({ random, crowd }: NetworkScene): TcpProxy {
  return randomItem(random, crowd.networks);
}
