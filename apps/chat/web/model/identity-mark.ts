/**
 * What tells two people of one name apart: a colour, a tag of four characters and a seal, all derived
 * from the identity. Nobody chooses them, and the same identity has the same ones on every page.
 */
export interface IdentityMark {
  /** Degrees on the colour wheel; steps of 15 so that neighbours can be told apart. */
  readonly hue: number;
  /** Four characters without look-alikes. */
  readonly tag: string;
  /** One form, 0 to 7, for each quarter of the seal. */
  readonly seal: readonly [number, number, number, number];
}

// No i, l, o, u, 0, 1: nothing here can be taken for another, and hardly a word be spelt.
const TAG_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz";
const HUE_STEP = 15;

export function identityMark(identity: string): IdentityMark {
  let rest = mix(identity, 0x9e3779b9);
  let tag = "";
  for (let i = 0; i < 4; i++) {
    tag += TAG_ALPHABET[rest % TAG_ALPHABET.length];
    rest = Math.floor(rest / TAG_ALPHABET.length);
  }
  const look = mix(identity, 0x85ebca6b);
  const quarter = (index: number): number => (look >>> (3 * index)) & 7;
  return {
    hue: ((look >>> 16) % (360 / HUE_STEP)) * HUE_STEP,
    tag,
    seal: [quarter(0), quarter(1), quarter(2), quarter(3)],
  };
}

/** A 32-bit hash: each character multiplied in, then the bits spread by two rounds of shift and multiply. */
function mix(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
