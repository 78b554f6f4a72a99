export { FOREVER } from "./forever.ts";
export { forgetRoom } from "./effects.ts";
export { hasLink } from "./has-link.ts";
export { Moderation, type ModerationOptions } from "./moderation.ts";
export type { ModeratedRoom, OperatorView, SanctionShown } from "./operator-view.ts";
export type * from "./shapes.ts";
