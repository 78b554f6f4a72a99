export type FileKind = "part" | "blob";

/** Names of the stream and the subjects of the files of one log. */
export class FileSubjects {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  get stream(): string {
    return `${this.#name}_files`;
  }
  get all(): string {
    return `${this.#name}.f.>`;
  }
  /** What says that a part or a blob is whole, and of what. */
  manifest(kind: FileKind, name: string): string {
    return `${this.#name}.f.${kind}.${name}`;
  }
  manifests(kind: FileKind): string {
    return this.manifest(kind, "*");
  }
  piece(name: string, index: number): string {
    return `${this.#name}.f.piece.${name}.${index}`;
  }
  pieces(name: string): string {
    return `${this.#name}.f.piece.${name}.*`;
  }
  /** Of all names that have any, however far they came. */
  get firstPieces(): string {
    return `${this.#name}.f.piece.*.0`;
  }

  /** The part or blob that a subject speaks of. */
  nameOf(subject: string): string {
    return subject.slice(this.#name.length).split(".")[3] ?? "";
  }
}
