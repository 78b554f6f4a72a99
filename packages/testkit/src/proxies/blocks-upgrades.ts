import type { ProxyFault } from "./proxy-fault.ts";

const PAGE = "<h1>Blocked</h1>This kind of traffic is against the policy of this network.\n";

/**
 * A proxy that lets no upgrade through: it answers 403 with a page of its own (`refuse`), or it takes the
 * headers away that ask for one and passes the rest on (`drop-header`), as every proxy of HTTP/1.0 does.
 */
export function blocksUpgrades(how: "refuse" | "drop-header" = "refuse"): ProxyFault {
  if (how === "drop-header") return { treatUpgrade: () => "pass-without" };
  return {
    treatUpgrade: (client) => {
      const head = ["HTTP/1.1 403 Forbidden", "Content-Type: text/html", `Content-Length: ${PAGE.length}`];
      client.end(`${head.join("\r\n")}\r\nConnection: close\r\n\r\n${PAGE}`);
      return "answered";
    },
  };
}
