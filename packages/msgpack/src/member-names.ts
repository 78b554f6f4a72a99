const PLACES = 1_024;
const MAX_BYTES = 24;

/**
 * Names of members, read once while they come again and again: each has one place in a table, by its bytes. The
 * library's own cache looks for a name among all of its length, which is slow for the keys of a room's state.
 */
export class MemberNames {
  readonly #names = new Array<string>(PLACES).fill("");

  canBeCached(byteLength: number): boolean {
    return byteLength <= MAX_BYTES;
  }

  decode(bytes: Uint8Array, offset: number, byteLength: number): string {
    let hash = byteLength;
    for (let i = 0; i < byteLength; i++) hash = (Math.imul(hash, 31) + (bytes[offset + i] as number)) | 0;
    const place = (hash ^ (hash >>> 10)) & (PLACES - 1);
    const known = this.#names[place] as string;
    if (isName(known, bytes, offset, byteLength)) return known;
    const name = read(bytes, offset, byteLength);
    // What is no ASCII has other lengths as a text, and would never be found again.
    if (name.length === byteLength) this.#names[place] = name;
    return name;
  }
}

function isName(name: string, bytes: Uint8Array, offset: number, byteLength: number): boolean {
  if (name.length !== byteLength) return false;
  for (let i = 0; i < byteLength; i++) if (name.charCodeAt(i) !== bytes[offset + i]) return false;
  return true;
}

const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });

function read(bytes: Uint8Array, offset: number, byteLength: number): string {
  return TEXT.decode(bytes.subarray(offset, offset + byteLength));
}
