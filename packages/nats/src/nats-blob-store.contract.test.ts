import { after } from "node:test";
import { describeBlobStoreContract, NatsCluster } from "@parlor/testkit";
import { openNatsBlobs } from "./nats-blob-store.ts";

const cluster = await NatsCluster.start();
after(() => cluster.stop());

let stores = 0;

describeBlobStoreContract({
  name: "NatsBlobStore",
  create: async () => {
    const name = `files${++stores}`;
    const opened: Awaited<ReturnType<typeof openNatsBlobs>>[] = [];
    const open = async () => {
      const store = await openNatsBlobs({ url: cluster.url, name });
      opened.push(store);
      return store;
    };
    return {
      ends: [await open(), await open()],
      reopen: open,
      dispose: async () => {
        for (const store of opened) await store.close();
      },
    };
  },
});
