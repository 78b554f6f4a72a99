import { describeSignalBusContract } from "@parlor/testkit";
import { MemoryBus } from "./memory-bus.ts";

describeSignalBusContract({
  name: "MemoryBus",
  create: async (ends) => {
    const bus = new MemoryBus();
    return { ends: Array.from({ length: ends }, () => bus), dispose: () => bus.close() };
  },
});
