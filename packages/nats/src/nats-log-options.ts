import { CodedError } from "@parlor/base";
import type { WrongCopy } from "./wrong-copies.ts";
import { type LogOptions, type ResolvedLogOptions, resolveLogOptions } from "@parlor/log";

export interface NatsLogOptions extends LogOptions {
  /** `nats://host:4222,host:4222,…`, with `user:password@` or `token@` in front of the first host where needed. */
  readonly url: string;
  /** Sets this log apart from others in the cluster: its streams and subjects begin with it. @default "parlor" */
  readonly name?: string | undefined;
  /** Over how many streams the rooms are spread. What the log was made with stays. @default 4 */
  readonly shards?: number | undefined;
  /** Of each stream, where this node makes it. @default 3 in a cluster, 1 on a server alone */
  readonly replicas?: 1 | 3 | 5 | undefined;
  /** How long an append, a trim or an erasure may take before it is refused as `unavailable`, in ms. @default 2_000 */
  readonly appendTimeoutMs?: number | undefined;
  /**
   * Whether appends are handed to the node that writes to their room. Where none does that, nodes that write to one
   * room at once make each other's records void and propose again: as right, and slower. @default true
   */
  readonly handsOn?: boolean | undefined;
  /** What other nodes know this one by. @default random */
  readonly nodeId?: string | undefined;
  /** Rooms that are kept open while nobody uses them; those above it that were used longest ago are let go. @default 10_000 */
  readonly maxIdleRooms?: number | undefined;
  /** Told, at most once a minute, of a server whose copy of a record is another than the right one. @default nobody */
  readonly onWrongCopy?: ((wrong: WrongCopy) => void) | undefined;
  /** Of records in memory, of all rooms. @default 67_108_864 (64 MiB) */
  readonly maxCacheBytes?: number | undefined;
}

export const DEFAULT_NATS_LOG_OPTIONS = Object.freeze({
  name: "parlor",
  shards: 4,
  handsOn: true,
  appendTimeoutMs: 2_000,
  maxIdleRooms: 10_000,
  maxCacheBytes: 67_108_864,
});

export interface ResolvedNatsLogOptions extends ResolvedLogOptions {
  readonly servers: readonly string[];
  readonly user: string | undefined;
  readonly pass: string | undefined;
  readonly name: string;
  readonly shards: number;
  readonly replicas: 1 | 3 | 5 | undefined;
  readonly handsOn: boolean;
  readonly appendTimeoutMs: number;
  readonly maxIdleRooms: number;
  readonly onWrongCopy: (wrong: WrongCopy) => void;
  readonly maxCacheBytes: number;
}

/** @throws {CodedError} `bad-log` where the address or the name is none; {RangeError} where a number makes no sense. */
export function resolveNatsLogOptions(options: NatsLogOptions): ResolvedNatsLogOptions {
  const { name, shards, handsOn, appendTimeoutMs, maxIdleRooms, maxCacheBytes } = DEFAULT_NATS_LOG_OPTIONS;
  const resolved = {
    ...resolveLogOptions(options),
    ...addressOf(options.url),
    name: options.name ?? name,
    shards: options.shards ?? shards,
    replicas: options.replicas,
    onWrongCopy: options.onWrongCopy ?? (() => undefined),
    handsOn: options.handsOn ?? handsOn,
    appendTimeoutMs: options.appendTimeoutMs ?? appendTimeoutMs,
    maxIdleRooms: options.maxIdleRooms ?? maxIdleRooms,
    maxCacheBytes: options.maxCacheBytes ?? maxCacheBytes,
  };
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(resolved.name)) {
    throw new CodedError(
      "bad-log",
      `${JSON.stringify(resolved.name)} names no log: use letters, digits, - and _`,
    );
  }
  if (!Number.isInteger(resolved.shards) || resolved.shards < 1 || resolved.shards > 256) {
    throw new RangeError(`shards must be a whole number from 1 to 256, not ${resolved.shards}`);
  }
  return resolved;
}

function addressOf(url: string): { servers: string[]; user: string | undefined; pass: string | undefined } {
  const match = /^nats:\/\/(?:([^@/]*)@)?([^@/]+)\/?$/.exec(url);
  const servers = (match?.[2] ?? "").split(",").map((server) => server.replace(/^nats:\/\//, ""));
  if (match === null || servers.some((server) => server === "")) {
    throw new CodedError(
      "bad-log",
      `${JSON.stringify(url)} is no address of NATS; use nats://HOST:4222,HOST:4222`,
    );
  }
  const [user, pass] = (match[1] ?? "").split(":").map(decodeURIComponent);
  return { servers, user: user === "" ? undefined : user, pass };
}

/** What the cluster is told of who connects. */
export function credentialsOf({
  user,
  pass,
}: Pick<ResolvedNatsLogOptions, "user" | "pass">):
  | { token: string }
  | { user: string; pass: string }
  | object {
  if (user === undefined) return {};
  return pass === undefined ? { token: user } : { user, pass };
}
