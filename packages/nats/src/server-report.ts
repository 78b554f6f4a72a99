import type { ServerInfo } from "@nats-io/transport-node";
import { NEEDED_PAYLOAD_BYTES } from "./file-manifest.ts";

/** What a server of NATS says of itself. */
export interface ServerReport {
  readonly version: string;
  readonly hasJetStream: boolean;
  readonly cluster: string | undefined;
  /** Whether it takes messages that are large enough for what `openNatsBlobs` stores. */
  readonly takesFiles: boolean;
}

export function reportOf(info: ServerInfo | undefined): ServerReport {
  return {
    version: info?.version ?? "",
    hasJetStream: info?.jetstream ?? false,
    cluster: info?.cluster,
    takesFiles: (info?.max_payload ?? 0) >= NEEDED_PAYLOAD_BYTES,
  };
}
