import { identityMark } from "../model/identity-mark.ts";

// The eight forms of a quarter, in a square of 8, from its corner on.
const FORMS = [
  "h8a8 8 0 0 1-8 8z",
  "m8 0v8a8 8 0 0 1-8-8z",
  "m8 8h-8a8 8 0 0 1 8-8z",
  "m0 8v-8a8 8 0 0 1 8 8z",
  "h8v8h-8z",
  "m4 1.2a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 1 1 0-5.6z",
  "l8 8h-8z",
  "m8 0v8l-8-8z",
] as const;

/** A person's seal: four quarters in their colour. Decoration: the tag beside it says the same in text. */
export function Seal({ identity }: { readonly identity: string | null }) {
  const seal = identity === null ? [4, 4, 4, 4] : identityMark(identity).seal;
  // One path: as four they were half of what is drawn of an author.
  const quarters = seal.map((form, quarter) => `M${(quarter & 1) * 8} ${(quarter & 2) * 4}${FORMS[form]}`);
  return (
    <svg class="seal" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={quarters.join("")} />
    </svg>
  );
}
