import type { CopiedFile } from "./copied-file.ts";
import type { LedgerDatabase, Row } from "./ledger-database.ts";

/** What of a ledger goes to another one: which room has which files, and what holds them. Not what is still coming. */
export class LedgerCopying {
  readonly #db: LedgerDatabase;

  constructor(db: LedgerDatabase) {
    this.#db = db;
  }

  filesAfter(
    last: { readonly room: string; readonly hash: string } | null,
    limit: number,
  ): readonly CopiedFile[] {
    const { room, hash } = last ?? { room: "", hash: "" };
    const sql = "SELECT * FROM links WHERE (room, hash) > (?, ?) ORDER BY room, hash LIMIT ?";
    return this.#db.all(sql, room, hash, limit).map((row) => this.#fileOf(row));
  }

  file(room: string, hash: string): CopiedFile | null {
    const row = this.#db.get("SELECT * FROM links WHERE room = ? AND hash = ?", room, hash);
    return row === undefined ? null : this.#fileOf(row);
  }

  adopt(files: readonly CopiedFile[]): void {
    this.#db.once(() => {
      for (const file of files) this.#adopt(file);
    });
  }

  secret(): string | null {
    const row = this.#db.get("SELECT value FROM secrets WHERE name = 'pass'");
    return row === undefined ? null : String(row["value"]);
  }

  #adopt({ room, hash, uses, uploads, ...file }: CopiedFile): void {
    const { size, type, width, height, identity, madeAt, behind } = file;
    // Whoever was about to delete it has died; its bytes are there.
    this.#db.run("DELETE FROM doomed WHERE hash = ?", hash);
    this.#db.run(
      "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      ...[room, hash, size, type, width, height, identity, madeAt, behind],
    );
    const kept = new Set(uploads.map(({ id }) => id));
    for (const { id } of this.#db.all("SELECT id FROM uploads WHERE room = ? AND hash = ?", room, hash)) {
      // It came with an earlier copy, and a message has spent it since.
      if (!kept.has(String(id)) && uses.length > 0)
        this.#db.run("DELETE FROM uploads WHERE id = ?", id ?? "");
    }
    for (const upload of uploads) {
      this.#db.run(
        "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        ...[
          upload.id,
          room,
          upload.identity,
          upload.address,
          upload.size,
          upload.size,
          hash,
          upload.touchedAt,
        ],
      );
    }
    for (const use of uses) {
      this.#db.run(
        "INSERT INTO uses VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        ...[room, hash, use.message, use.identity],
      );
    }
  }

  #fileOf(row: Row): CopiedFile {
    const [room, hash] = [String(row["room"]), String(row["hash"])];
    const uses = this.#db.all(
      "SELECT message, identity FROM uses WHERE room = ? AND hash = ? ORDER BY message",
      room,
      hash,
    );
    const uploads = this.#db.all("SELECT * FROM uploads WHERE room = ? AND hash = ? ORDER BY id", room, hash);
    return {
      room,
      hash,
      size: Number(row["size"]),
      type: String(row["type"]),
      width: row["width"] === null ? null : Number(row["width"]),
      height: row["height"] === null ? null : Number(row["height"]),
      identity: String(row["identity"]),
      madeAt: Number(row["made_at"]),
      behind: Number(row["behind"]),
      uses: uses.map(({ message, identity }) => ({ message: Number(message), identity: String(identity) })),
      uploads: uploads.map((upload) => ({
        id: String(upload["id"]),
        identity: String(upload["identity"]),
        address: String(upload["address"]),
        size: Number(upload["size"]),
        touchedAt: Number(upload["touched_at"]),
      })),
    };
  }
}
