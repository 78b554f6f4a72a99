const MANNERS = "Brave Calm Clever Eager Gentle Jolly Keen Lucky Merry Proud Quick Wild".split(" ");
const ANIMALS = "Badger Crane Dormouse Falcon Hare Heron Lynx Marten Otter Raven Stoat Wren".split(" ");

export interface Who {
  readonly name: string;
  /** Of its colour, in degrees. */
  readonly hue: number;
}

/** A name and a colour of an identity, the same on every page without a word between them. */
export function whoIs(id: string): Who {
  let hash = 0x811c9dc5;
  for (const char of id) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  const of = (words: readonly string[], divisor: number): string =>
    words[Math.floor(hash / divisor) % words.length] ?? "";
  const isBot = id.startsWith("bot-");
  const name = isBot ? `Bot ${Number(id.slice(4)) + 1}` : `${of(MANNERS, 1)} ${of(ANIMALS, 4_096)}`;
  return { name, hue: (hash >>> 8) % 360 };
}
