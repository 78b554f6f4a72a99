import type { ModeratedRoom, SanctionShown } from "@parlor/moderation";
import type { HeldShown, ReportShown } from "@parlor/moderation/shapes";

/** What waits for a moderator in whatever room, and what holds. */
export interface ModerationSeen {
  /** The room of what holds in all rooms. */
  readonly everywhere: string;
  readonly rooms: readonly ModeratedRoom[];
  readonly reports: readonly ReportShown[];
  readonly held: readonly HeldShown[];
  readonly sanctions: readonly SanctionShown[];
}
