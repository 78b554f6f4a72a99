/** One way to break the code, and the tests that must notice. */
export interface Mutant {
  /** What is broken, in a few words. */
  readonly name: string;
  /** What a user would lose by it. */
  readonly harm: string;
  readonly edits: readonly Edit[];
  /** Test files of which at least one must fail. All are run, to see which of them do. */
  readonly tests: readonly string[];
}

export interface Edit {
  readonly file: string;
  /** Must be in the file exactly once: a mutant that no longer fits the code proves nothing. */
  readonly find: string;
  readonly replace: string;
}

/** What became of a mutant. */
export type Verdict =
  | {
      readonly kind: "caught";
      readonly by: readonly { readonly file: string; readonly tests: readonly string[] }[];
    }
  /** Every test passed: nobody would have noticed. */
  | { readonly kind: "survived" }
  /** An edit does not fit the code any more. */
  | { readonly kind: "stale"; readonly why: string }
  /** The broken code does not even load, so what it would do was not tried. */
  | { readonly kind: "does-not-run"; readonly why: string };
