import { identityMark } from "../model/identity-mark.ts";

// The eight forms of a quarter, drawn in a square of 8 at the origin.
const FORMS = [
  "M0 0h8a8 8 0 0 1-8 8z",
  "M8 0v8a8 8 0 0 1-8-8z",
  "M8 8H0a8 8 0 0 1 8-8z",
  "M0 8V0a8 8 0 0 1 8 8z",
  "M0 0h8v8H0z",
  "M4 1.2a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 1 1 0-5.6z",
  "M0 0l8 8H0z",
  "M8 0v8L0 0z",
] as const;
const CORNERS = [
  [0, 0],
  [8, 0],
  [0, 8],
  [8, 8],
] as const;

/** A person's seal: four quarters in their colour. Decoration: the tag beside it says the same in text. */
export function Seal({ identity }: { readonly identity: string | null }) {
  const seal = identity === null ? ([4, 4, 4, 4] as const) : identityMark(identity).seal;
  return (
    <svg class="seal" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {CORNERS.map(([x, y], quarter) => (
        <path key={quarter} transform={`translate(${x} ${y})`} d={FORMS[seal[quarter] ?? 4]} />
      ))}
    </svg>
  );
}
