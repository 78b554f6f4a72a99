import { resolve } from "node:path";
import { CodedError } from "@parlor/base";
import { type CopySource, type CopyTarget, SqliteCopySource, SqliteCopyTarget } from "@parlor/log";
import { readNatsAddress } from "../nats/nats-address.ts";
import { patiently } from "../nats/patiently.ts";

/** A log at one end of a copy. */
export type CopyEnd =
  | { readonly kind: "sqlite"; readonly words: string; readonly folder: string }
  | { readonly kind: "nats"; readonly words: string; readonly url: string };

/** @throws {CodedError} `bad-flag` in words. */
export function readEnd(flag: string, text: string, data: string): CopyEnd {
  if (text.startsWith("sqlite:")) {
    const folder = resolve(text.slice("sqlite:".length) || data);
    return { kind: "sqlite", words: folder, folder };
  }
  const address = readNatsAddress(text);
  // Not what was given: there may be a password in it.
  if (address === null)
    throw new CodedError("bad-flag", `--${flag} takes sqlite:, sqlite:FOLDER or nats://HOST:4222,HOST:4222`);
  return { kind: "nats", words: `NATS at ${address.servers.join(", ")}`, url: address.url };
}

/** @param isFree  Whether it was looked just before whether nodes use it; what one writes since is found as a difference. */
export async function openSource(end: CopyEnd, isFree: boolean): Promise<CopySource> {
  if (end.kind === "sqlite") return SqliteCopySource.open(end.folder);
  const { NatsCopy } = await natsPackage();
  return await patiently(() =>
    NatsCopy.open({ url: end.url, mustExist: true, listenMs: isFree ? 0 : undefined }),
  );
}

/**
 * @param epoch  Of the source; a log that is made now takes it, so that rooms that nobody wrote to have the same, too.
 * @param isFree Whether it is known that no node uses it, because the mark of a copy keeps them out.
 */
export async function openTarget(end: CopyEnd, epoch: string, isFree: boolean): Promise<CopyTarget> {
  if (end.kind === "sqlite") return SqliteCopyTarget.open(end.folder, epoch);
  const { NatsCopy } = await natsPackage();
  return await patiently(() => NatsCopy.open({ url: end.url, epoch, listenMs: isFree ? 0 : undefined }));
}

/** What belongs to NATS is loaded here and nowhere else. */
async function natsPackage(): Promise<typeof import("@parlor/nats")> {
  return await import("@parlor/nats");
}
