import { describeRoomLogContract } from "@parlor/testkit";
import { MemoryLog } from "./memory-log.ts";

describeRoomLogContract({
  name: "MemoryLog",
  isOnDisk: false,
  create: async (options) => {
    const log = new MemoryLog(options);
    return { log, dispose: () => log.close() };
  },
});
