/** Which of the tabs is the hub. A port: by locks, or by a lease. */
export interface Election {
  /** Calls `onLead` when this tab is the one; until `leave`. Twice is the same as once. */
  enter(): void;
  /** Whoever leads does not answer: takes it from there. */
  depose(): void;
  /** Is not the one any more, and does not want to be. */
  leave(): void;
}

export interface ElectionEvents {
  onLead(): void;
  /** Another has taken it. */
  onDeposed(): void;
}
