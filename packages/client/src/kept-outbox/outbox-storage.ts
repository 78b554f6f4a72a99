/** Where the publishes are that wait for the server. */
export type OutboxStorage =
  /** On disk: they outlive the page. */
  | { readonly kind: "disk"; readonly reason?: undefined }
  /**
   * Some or all are in this page alone, and go with it. `absent`: the browser has no IndexedDB here. `quota`: its
   * storage is full. `too-many`: the bounds of what is kept are reached. `storage`: it failed, or does not answer.
   * `unloaded`: what keeps them could not be loaded yet; it is tried again.
   */
  | {
      readonly kind: "memory";
      readonly code: "absent" | "quota" | "too-many" | "storage" | "unloaded";
      readonly reason: string;
    };

/** What keeps a client's publishes, as the client sees it. */
export interface KeepsPublishes {
  readonly storage: OutboxStorage;
  /** A person has seen a refused one, or has written it anew. */
  dismiss(room: string, id: number): void;
}
