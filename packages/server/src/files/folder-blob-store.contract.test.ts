import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeBlobStoreContract } from "@parlor/testkit";
import { FolderBlobStore } from "./folder-blob-store.ts";

describeBlobStoreContract({
  name: "FolderBlobStore",
  create: async () => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-files-"));
    return {
      ends: [await FolderBlobStore.open(folder), await FolderBlobStore.open(folder)],
      reopen: () => FolderBlobStore.open(folder),
      dispose: () => rm(folder, { recursive: true, force: true }),
    };
  },
});
