import { connect } from "@nats-io/transport-node";
import { describeSignalBusContract, NatsCluster } from "@parlor/testkit";
import { after } from "node:test";
import { NatsBus } from "./nats-bus.ts";

const cluster = await NatsCluster.start();
after(() => cluster.stop());

describeSignalBusContract({
  name: "NatsBus, each end with a connection of its own",
  create: async (count) => {
    const connections = await Promise.all(
      Array.from({ length: count }, () => connect({ servers: cluster.url.slice("nats://".length) })),
    );
    const ends = connections.map((connection) => new NatsBus({ connection }));
    return {
      ends,
      dispose: async () => {
        await Promise.all(ends.map((end) => end.close()));
        await Promise.all(connections.map((connection) => connection.close()));
      },
    };
  },
});
