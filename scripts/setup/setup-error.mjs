/** A set-up that can't go on; its message tells a person what to do. */
export class SetupError extends Error {}
