/**
 * A room's name as people read it. Any name is a room, so what can't be seen in one, or turns the line around, is
 * spelt as in its address: else one could be made to look like another room, and lead there.
 */
export function roomLabel(name: string): string {
  return name.replace(HIDDEN, encodeURIComponent);
}

// Joiners and the sign for an emoji's form are needed behind emoji and by some scripts; behind letters of Europe, and
// at the end, they only hide. Spaces of the usual width are seen between others.
const HIDDEN =
  /(?!\u200c|\u200d|\ufe0f)\p{DI}|(?<=^|[ -\u05ff])(?:\u200c|\u200d|\ufe0f)|(?:\u200c|\u200d)$|(?! |\u3000)\p{Z}|^\s|\s$|\s(?=\s)/gu;
