import { after, before, describe, test } from "node:test";
import { NatsCluster } from "@parlor/testkit";
import { CLUSTERED } from "./support/balanced-nodes.ts";
import { ofNodes, runSuite, SUITES } from "./support/balanced-suites.ts";

describe("all suites of the protocol over three nodes on NATS behind an alternating balancer", () => {
  let cluster: NatsCluster;
  before(async () => (cluster = await NatsCluster.start({ servers: 3 })));
  after(() => cluster.stop());

  for (const [suite, which] of SUITES) {
    test(`[CLUSTER-5] the suite ${suite} passes without sticky sessions`, () =>
      runSuite(suite, ofNodes(which), { [CLUSTERED]: cluster.url }));
  }
});
