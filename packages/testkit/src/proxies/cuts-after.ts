import type { ProxyFault } from "./proxy-fault.ts";

/** A proxy that cuts every connection after a time in ms, whatever it carries at that moment. */
export function cutsAfter(ms: number): ProxyFault {
  return {
    connection: (client) => {
      const timer = setTimeout(() => client.destroy(), ms);
      client.once("close", () => clearTimeout(timer));
    },
  };
}
