import { isIP } from "node:net";
import { CodedError } from "@parlor/base";
import type { Contract } from "@parlor/contract";
import { MemoryBus } from "@parlor/log";
import { DEFAULT_LIMITS } from "@parlor/protocol";
import { connectionsBelow, openFileLimit } from "./open-file-limit.ts";
import {
  DEFAULT_OPTIONS,
  FRAME_OVERHEAD_BYTES,
  type ParlorOptions,
  type ResolvedOptions,
} from "./options.ts";
import type { RequestHandlers } from "./session/request-handlers.ts";
import { Schemas } from "./session/schemas.ts";

const noMetrics = (): Promise<string> => Promise.resolve("");

/** What `resolveOptions` throws: a sentence that names the option, what it must be, and what it was. */
export class OptionError extends CodedError<"bad-option"> {
  constructor(sentence: string) {
    super("bad-option", sentence);
    this.name = "OptionError";
  }
}

/**
 * Puts every default in its place and checks every value, before anything is opened.
 * @throws {OptionError} at the first value that can't be one.
 */
export function resolveOptions(options: AnyOptions): ResolvedOptions {
  const given = withDefaults(options);
  if (typeof options.log !== "object" || options.log === null) {
    throw new OptionError("`log` is missing: give a RoomLog, such as a SqliteLog or a MemoryLog.");
  }
  const maxBodyBytes = whole("maxBodyBytes", given.maxBodyBytes, 1, 16_777_216);
  const sendBufferBytes = whole("sendBufferBytes", given.sendBufferBytes, 65_536, 1_073_741_824);
  return Object.freeze({
    log: options.log,
    files: options.files ?? null,
    bus: options.bus ?? new MemoryBus(),
    basePath: basePath(given.basePath),
    origins: Object.freeze(list("origins", given.origins).map(origin)),
    trustProxy: Object.freeze(list("trustProxy", given.trustProxy).map(proxy)),
    requireOrigin: flag("requireOrigin", given.requireOrigin),
    publishPerSecond: rate("publishPerSecond", given.publishPerSecond),
    connectionsPerAddress: wholeOrInfinity("connectionsPerAddress", given.connectionsPerAddress),
    maxConnections: whole(
      "maxConnections",
      options.maxConnections ?? connectionsBelow(openFileLimit()),
      1,
      10_000_000,
    ),
    limits: Object.freeze({
      ...DEFAULT_LIMITS,
      maxBodyBytes,
      maxFrameBytes: whole(
        "maxFrameBytes",
        options.maxFrameBytes ?? Math.max(DEFAULT_OPTIONS.maxFrameBytes, maxBodyBytes + FRAME_OVERHEAD_BYTES),
        maxBodyBytes + FRAME_OVERHEAD_BYTES,
        33_554_432,
      ),
      maxRooms: whole("maxRooms", given.maxRooms, 1, 100_000),
      maxInFlight: whole("maxInFlight", given.maxInFlight, 1, 100_000),
      maxProfileBytes: whole("maxProfileBytes", given.maxProfileBytes, 2, 65_536),
      signalsPerSecond: whole("signalsPerSecond", given.signalsPerSecond, 1, 1_000_000),
    }),
    heartbeatMs: whole("heartbeatMs", given.heartbeatMs, 10, 3_600_000),
    coalesceMs: whole("coalesceMs", given.coalesceMs, 0, 1_000),
    sendBufferBytes,
    totalSendBufferBytes: whole(
      "totalSendBufferBytes",
      given.totalSendBufferBytes,
      sendBufferBytes,
      Number.MAX_SAFE_INTEGER,
    ),
    schemas: options.contract === undefined ? null : schemas(options.contract),
    authenticate: hook("authenticate", options.authenticate),
    authorize: hook("authorize", options.authorize),
    volatileState: hook("volatileState", options.volatileState),
    signalTick: hook("signalTick", options.signalTick),
    erases: hook("erases", options.erases),
    requests: handlers(given.requests),
    requestTimeoutMs: whole("requestTimeoutMs", given.requestTimeoutMs, 1, 10_000),
    readers: options.readers === undefined ? null : readersFolder(options.readers),
    operatorKey: options.operatorKey === undefined ? null : operatorKey(options.operatorKey),
    version: shortText("version", given.version),
    worker: options.worker === undefined ? null : shortText("worker", options.worker),
    promise: options.promise ?? null,
    moreMetrics: options.moreMetrics ?? noMetrics,
    clock: given.clock,
    random: given.random,
    events: given.events,
    logger: given.logger,
  });
}

/** The defaults with what was given over them; an `undefined` gives nothing. */
/** Options whatever contract they have. */
type AnyOptions = Omit<ParlorOptions, "contract" | "requests"> & {
  readonly contract?: Contract | undefined;
  readonly requests?: unknown;
};

function withDefaults(options: AnyOptions): typeof DEFAULT_OPTIONS & AnyOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_OPTIONS, ...Object.fromEntries(given) } as typeof DEFAULT_OPTIONS & AnyOptions;
}

function readersFolder(value: unknown): string {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return value;
  throw new OptionError(`\`readers\` is a folder, or ":memory:", not ${shown(value)}.`);
}

function whole(name: string, value: unknown, min: number, max: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw new OptionError(`\`${name}\` is a whole number from ${min} to ${max}, not ${shown(value)}.`);
}

function wholeOrInfinity(name: string, value: unknown): number {
  if (value === Infinity || (Number.isSafeInteger(value) && (value as number) >= 1)) return value as number;
  throw new OptionError(`\`${name}\` is a whole number from 1 on, or Infinity for off, not ${shown(value)}.`);
}

function rate(name: string, value: unknown): number {
  if (typeof value === "number" && value >= 1) return value;
  throw new OptionError(`\`${name}\` is a number from 1 on, or Infinity for off, not ${shown(value)}.`);
}

function flag(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new OptionError(`\`${name}\` is true or false, not ${shown(value)}.`);
}

function hook<Hook>(name: string, value: Hook | undefined): Hook | null {
  if (value === undefined) return null;
  if (typeof value === "function") return value;
  throw new OptionError(`\`${name}\` is a function, not ${shown(value)}.`);
}

/** Copied, so that what the host does to its object later changes nothing. */
function handlers(value: unknown): RequestHandlers {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new OptionError(`\`requests\` is an object of functions, not ${shown(value)}.`);
  }
  for (const [method, handler] of Object.entries(value)) {
    if (method.length < 1 || method.length > 128 || typeof handler !== "function") {
      throw new OptionError(
        `\`requests\` names functions by 1 to 128 characters; ${shown(method)} is ${shown(handler)}.`,
      );
    }
  }
  return Object.freeze({ ...value }) as RequestHandlers;
}

function schemas(contract: Contract): Schemas {
  try {
    return new Schemas(contract);
  } catch (fault) {
    throw new OptionError(
      `\`contract\` can't be one: ${fault instanceof Error ? fault.message : shown(fault)}`,
    );
  }
}

function list(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new OptionError(`\`${name}\` is a list of strings, not ${shown(value)}.`);
}

function basePath(value: unknown): string {
  // Segments that a URL parser would resolve, encode or split have no place in a prefix.
  if (typeof value === "string" && /^\/(?:[A-Za-z0-9._~-]+\/)*(?:[A-Za-z0-9._~-]+)?$/.test(value)) {
    const segments = value.split("/");
    if (!segments.includes(".") && !segments.includes("..")) return value.endsWith("/") ? value : `${value}/`;
  }
  throw new OptionError(
    `\`basePath\` is a path such as "/" or "/chat/", of letters, digits and . _ ~ -, not ${shown(value)}.`,
  );
}

function origin(value: unknown): string {
  const example = '"https://example.org"';
  if (typeof value !== "string" || !/^https?:\/\/[^*]+$/i.test(value) || !URL.canParse(value)) {
    throw new OptionError(`\`origins\` lists origins such as ${example}, not ${shown(value)}.`);
  }
  const { origin: exact } = new URL(value);
  if (exact === value) return value;
  throw new OptionError(
    `\`origins\` lists origins exactly as a browser writes them: "${exact}", not ${shown(value)}.`,
  );
}

function proxy(value: unknown): string {
  const [address = "", prefix, ...rest] = typeof value === "string" ? value.split("/") : [];
  const version = isIP(address);
  const isRange =
    prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
  if (version === 0 || address.includes("%") || !isRange || rest.length > 0) {
    throw new OptionError(
      `\`trustProxy\` lists addresses or ranges such as "10.0.0.0/8" or "::1", not ${shown(value)}.`,
    );
  }
  return value as string;
}

function operatorKey(value: unknown): string {
  if (typeof value === "string" && /^[!-~]{1,512}$/.test(value)) return value;
  // The value itself is a secret and stays out of the sentence.
  throw new OptionError("`operatorKey` is 1 to 512 characters of printable ASCII without spaces.");
}

function shortText(name: string, value: unknown): string {
  if (typeof value === "string" && value.length >= 1 && value.length <= 64) return value;
  throw new OptionError(`\`${name}\` is a text of 1 to 64 characters, not ${shown(value)}.`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return value === null ? "null" : `a ${typeof value}`;
}
