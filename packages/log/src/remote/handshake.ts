import type { LogStatus } from "../room-log.ts";

/**
 * The version of what travels over the link. Raised with every change of it: both ends are of one
 * build, except for the moments in which one of them is replaced.
 */
export const LINK_VERSION = 5;

/** Who an end of the link is. */
export interface LinkBuild {
  readonly link: number;
  /** What the host calls its build. */
  readonly build: string;
}

/** Why the two ends can't work together, as a sentence; null where they can. */
export function buildMismatch(owner: LinkBuild, worker: LinkBuild): string | null {
  if (owner.link === worker.link && owner.build === worker.build) return null;
  return (
    `the owner of the log is of build ${owner.build} (link ${owner.link}) and this process of build ` +
    `${worker.build} (link ${worker.link}); start both anew, from one build`
  );
}

export function readBuild(text: string): LinkBuild {
  const { link, build } = JSON.parse(text) as Partial<LinkBuild>;
  return { link: Number(link), build: String(build) };
}

/** What the status of the owner's log is to a worker: where the owner can't go on, another one may. */
export function statusBehindLink(status: LogStatus): LogStatus {
  switch (status.kind) {
    case "ready":
    case "full":
    case "unreachable":
      return status;
    case "failed":
      return { kind: "unreachable", message: `the log's owner failed: ${status.message}` };
    case "closed":
      return { kind: "unreachable", message: "the log's owner is stopping" };
  }
}
