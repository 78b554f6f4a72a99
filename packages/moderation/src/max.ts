/** How much of each a room holds. What strangers can bring is bounded so, whatever they do. */
export const MAX = Object.freeze({
  links: 1_000,
  linksOfIdentity: 20,
  accepted: 10_000,
  sanctions: 2_000,
  marks: 4_000,
  marksOfIdentity: 16,
  pins: 20,
  reports: 200,
  reporters: 20,
  reportWords: 5,
  decided: 1_000,
  held: 100,
  heldOfIdentity: 3,
  judged: 2_000,
});
