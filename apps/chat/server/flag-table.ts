import type { Check } from "./flag-checks.ts";
import {
  basePath,
  logSpec,
  nonEmptyText,
  origins,
  previewHosts,
  numberOrInfinity,
  oneOf,
  proxies,
  secret,
  wholeNumber,
  wholeNumberOrInfinity,
} from "./flag-checks.ts";

/** One flag: how it is written, where else it can be set, how it is read, and what it is for. */
export interface Flag<Value> {
  readonly flag: string;
  readonly environment: string;
  /** What stands for the value in the help, in capitals. */
  readonly placeholder: string;
  readonly check: Check<Value>;
  readonly standard: Value;
  /** One line of help, with unit and what happens at the limit; the default is added. */
  readonly help: string;
  /** The default in words, where the value itself would not say it. */
  readonly standardWords?: string;
  /** A fault's sentence does not repeat the value. */
  readonly isSecret?: true;
}

/** Gives the value its type from `check` and `standard` together. */
const flag = <Value>(entry: Flag<Value>): Flag<Value> => entry;

/**
 * Every flag of the `parlor` command. Parsing, the environment, the help and the tests all read this
 * table; a flag is added here and nowhere else.
 */
export const FLAGS = {
  port: flag<number>({
    flag: "port",
    environment: "PORT",
    placeholder: "NUMBER",
    check: wholeNumber(0, 65_535),
    standard: 8080,
    help: "port to listen on; 0 takes any free one",
  }),
  host: flag<string>({
    flag: "host",
    environment: "HOST",
    placeholder: "ADDRESS",
    check: nonEmptyText("a host name or address"),
    standard: "127.0.0.1",
    help: "address to listen on; 0.0.0.0 or :: means every one this machine has",
  }),
  data: flag<string>({
    flag: "data",
    environment: "PARLOR_DATA",
    placeholder: "FOLDER",
    check: nonEmptyText("a folder"),
    standard: "./data",
    help: "folder of everything that is kept; made if missing",
  }),
  log: flag<string>({
    flag: "log",
    environment: "PARLOR_LOG",
    placeholder: "LOG",
    check: logSpec,
    standard: "sqlite:",
    help: "where rooms are kept: sqlite: (in --data), sqlite:FOLDER, memory: (gone at the end), or a cluster, nats://HOST:4222,HOST:4222",
  }),
  origins: flag<readonly string[]>({
    flag: "origins",
    environment: "PARLOR_ORIGINS",
    placeholder: "LIST",
    check: origins,
    standard: [],
    standardWords: "none",
    help: "origins whose pages may connect, beside the server's own; comma-separated",
  }),
  trustProxy: flag<readonly string[]>({
    flag: "trust-proxy",
    environment: "PARLOR_TRUST_PROXY",
    placeholder: "LIST",
    check: proxies,
    standard: [],
    standardWords: "none",
    help: "proxies whose X-Forwarded-For and -Proto are believed; addresses or ranges",
  }),
  basePath: flag<string>({
    flag: "base-path",
    environment: "PARLOR_BASE_PATH",
    placeholder: "PATH",
    check: basePath,
    standard: "/",
    help: "path that everything is served below",
  }),
  publishPerSecond: flag<number>({
    flag: "publish-per-second",
    environment: "PARLOR_PUBLISH_PER_SECOND",
    placeholder: "RATE",
    check: numberOrInfinity(1),
    standard: 20,
    help: "messages per second and identity, five times that in a burst; Infinity switches it off",
  }),
  connectionsPerAddress: flag<number>({
    flag: "connections-per-address",
    environment: "PARLOR_CONNECTIONS_PER_ADDRESS",
    placeholder: "COUNT",
    check: wholeNumberOrInfinity(),
    standard: 200,
    help: "connections at one time from one address; Infinity switches it off",
  }),
  maxBodyBytes: flag<number>({
    flag: "max-body-bytes",
    environment: "PARLOR_MAX_BODY_BYTES",
    placeholder: "BYTES",
    check: wholeNumber(1, 16_777_216),
    standard: 65_536,
    help: "size of one message; a larger one is refused",
  }),
  maxFileBytes: flag<number>({
    flag: "max-file-bytes",
    environment: "PARLOR_MAX_FILE_BYTES",
    placeholder: "BYTES",
    check: wholeNumber(1, 2 ** 40),
    standard: 26_214_400,
    help: "size of one uploaded file; a larger one is refused",
  }),
  roomFilesBytes: flag<number>({
    flag: "room-files-bytes",
    environment: "PARLOR_ROOM_FILES_BYTES",
    placeholder: "BYTES",
    check: wholeNumberOrInfinity(),
    standard: 2_147_483_648,
    help: "size of all files of one room; what would go over it is refused; Infinity switches it off",
  }),
  identityFilesBytes: flag<number>({
    flag: "identity-files-bytes",
    environment: "PARLOR_IDENTITY_FILES_BYTES",
    placeholder: "BYTES",
    check: wholeNumberOrInfinity(),
    standard: 268_435_456,
    help: "size of all files that one identity has uploaded and that are still there; Infinity switches it off",
  }),
  heartbeatMs: flag<number>({
    flag: "heartbeat-ms",
    environment: "PARLOR_HEARTBEAT_MS",
    placeholder: "MS",
    check: wholeNumber(10, 3_600_000),
    standard: 25_000,
    help: "silence after which a connection is pinged; cut after 1.5 times that without life",
  }),
  signalsPerSecond: flag<number>({
    flag: "signals-per-second",
    environment: "PARLOR_SIGNALS_PER_SECOND",
    placeholder: "RATE",
    check: wholeNumber(1, 1_000_000),
    standard: 100,
    help: "signals per second and connection; those above it are dropped",
  }),
  linkPreviews: flag<string>({
    flag: "link-previews",
    environment: "PARLOR_LINK_PREVIEWS",
    placeholder: "HOSTS",
    check: previewHosts,
    standard: "none",
    standardWords: "none: this server asks no other for anything",
    help: "whose pages are fetched to show what they say of themselves below a message that links to them: none, public (any but of private networks), or hosts with commas between, *.example.org for those below one",
  }),
  retainMessages: flag<number>({
    flag: "retain-messages",
    environment: "PARLOR_RETAIN_MESSAGES",
    placeholder: "COUNT",
    check: wholeNumberOrInfinity(),
    standard: Infinity,
    standardWords: "keep everything",
    help: "newest messages that a room keeps",
  }),
  retainDays: flag<number>({
    flag: "retain-days",
    environment: "PARLOR_RETAIN_DAYS",
    placeholder: "DAYS",
    check: numberOrInfinity(0),
    standard: Infinity,
    standardWords: "keep everything",
    help: "age at which a room forgets a message",
  }),
  retainBytes: flag<number>({
    flag: "retain-bytes",
    environment: "PARLOR_RETAIN_BYTES",
    placeholder: "BYTES",
    check: wholeNumberOrInfinity(),
    standard: Infinity,
    standardWords: "keep everything",
    help: "bytes of messages that a room keeps",
  }),
  operatorKey: flag<string>({
    flag: "operator-key",
    environment: "PARLOR_OPERATOR_KEY",
    placeholder: "SECRET",
    check: secret,
    standard: "",
    standardWords: "none: operator functions are off",
    help: "secret for operator functions; better in the environment than in the process list",
    isSecret: true,
  }),
  events: flag<"none" | "stderr">({
    flag: "events",
    environment: "PARLOR_EVENTS",
    placeholder: "WHERE",
    check: oneOf("none", "stderr"),
    standard: "none",
    help: "where each connection's opening and end, and each refusal, is told as a line of JSON: none, or stderr; never bodies, rooms, keys or tokens; at most 100 lines a second",
  }),
  workers: flag<number>({
    flag: "workers",
    environment: "PARLOR_WORKERS",
    placeholder: "COUNT",
    check: wholeNumber(1, 64),
    standard: 1,
    help: "processes that serve on the one port, about as many as there are cores; 2 or more share one log through a further process, and whichever dies is started again",
  }),
} as const;

export type FlagName = keyof typeof FLAGS;

/** What the flags and the environment came to. */
export type Settings = {
  readonly [Name in FlagName]: (typeof FLAGS)[Name] extends Flag<infer Value> ? Value : never;
};
