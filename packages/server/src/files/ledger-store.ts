import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { CopiedFile } from "./copied-file.ts";
import { LedgerCopying } from "./ledger-copying.ts";
import { LedgerDatabase } from "./ledger-database.ts";
import type { BegunUpload, FileLink, FileLimits, FileUse, Upload, UploadedFile } from "./ledger-records.ts";

const ANNOUNCED =
  "SELECT coalesce(sum(size - received), 0) AS n FROM uploads WHERE hash IS NULL AND address = ?";

/**
 * The ledger's tables and what is done with them: each method is one transaction, also between processes, and
 * is on the disk when it returns. It blocks, so it lives in a thread of its own (`FileLedger`).
 */
export class LedgerStore {
  readonly #db: LedgerDatabase;
  readonly #copying: LedgerCopying;

  /** @param isCopy  Of what is kept elsewhere, and made anew after a crash. */
  constructor(file: string, isCopy = false) {
    this.#db = new LedgerDatabase(file, isCopy);
    this.#copying = new LedgerCopying(this.#db);
  }

  close(): void {
    this.#db.close();
  }

  /** Reserves the size at once, so that however many begin together, none goes over a limit. */
  begin(
    upload: BegunUpload,
    limits: FileLimits,
  ): "begun" | "room" | "identity" | "address" | "all" | "uploads" {
    return this.#db.once(() => {
      const open = "SELECT count(*) AS n FROM uploads WHERE hash IS NULL AND";
      if (
        this.#db.number(`${open} identity = ?`, upload.identity) >= limits.maxUploadsPerIdentity ||
        this.#db.number(`${open} address = ?`, upload.address) >= limits.maxUploadsPerAddress ||
        upload.size + this.#db.number(ANNOUNCED, upload.address) > limits.maxAnnouncedBytes
      )
        return "uploads";
      const { size } = upload;
      if (size + this.#held("room", upload.room) > limits.maxRoomBytes) return "room";
      if (size + this.#held("identity", upload.identity) > limits.maxIdentityBytes) return "identity";
      if (size + this.#held("address", upload.address) > limits.maxWaitingBytes) return "address";
      if (size + this.#held("all", "") > limits.maxTotalBytes) return "all";
      const { id, room, identity, address, atMs } = upload;
      this.#db.run(
        "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, 0, NULL, ?)",
        id,
        room,
        identity,
        address,
        size,
        atMs,
      );
      return "begun";
    });
  }

  /** Null where there is none of that id in that room. */
  find(id: string, room: string): Upload | null {
    const row = this.#db.get("SELECT * FROM uploads WHERE id = ? AND room = ?", id, room);
    if (row === undefined) return null;
    const parts = this.#db.all("SELECT part FROM parts WHERE upload = ? ORDER BY at", id);
    return {
      size: Number(row["size"]),
      received: Number(row["received"]),
      identity: String(row["identity"]),
      parts: parts.map(({ part }) => String(part)),
      file: row["hash"] === null ? null : this.link(room, String(row["hash"])),
    };
  }

  /** Adds a part where the upload stands at `at`; false where it stands elsewhere, or is none. */
  take(id: string, at: number, part: string, bytes: number, nowMs: number): boolean {
    return this.#db.once(() => {
      const moved = this.#db.run(
        "UPDATE uploads SET received = received + ?, touched_at = ? WHERE id = ? AND received = ? AND received + ? <= size",
        bytes,
        nowMs,
        id,
        at,
        bytes,
      );
      if (moved === 1) this.#db.run("INSERT INTO parts VALUES (?, ?, ?)", id, at, part);
      return moved === 1;
    });
  }

  /**
   * Says that an upload became a file of its room, and which parts are no longer needed. `gone`: there is no
   * such upload. `doomed`: that blob is just being deleted, so assemble it again in a moment.
   * @param behind  The room's head, behind which a message with the file can lie.
   */
  finish(
    id: string,
    file: UploadedFile,
    behind: number,
    nowMs: number,
  ):
    | { readonly kind: "gone" }
    | { readonly kind: "doomed" }
    | { readonly kind: "linked"; readonly parts: readonly string[] } {
    return this.#db.once(() => {
      const row = this.#db.get("SELECT room, identity FROM uploads WHERE id = ?", id);
      if (row === undefined) return { kind: "gone" };
      if (this.#db.get("SELECT 1 FROM doomed WHERE hash = ?", file.hash) !== undefined)
        return { kind: "doomed" };
      const { hash, size, type, width, height } = file;
      this.#db.run(
        "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        String(row["room"]),
        hash,
        size,
        type,
        width,
        height,
        String(row["identity"]),
        nowMs,
        behind,
      );
      this.#db.run("UPDATE uploads SET hash = ?, touched_at = ? WHERE id = ?", hash, nowMs, id);
      return { kind: "linked", parts: this.#takeParts(id) };
    });
  }

  /** Forgets an upload; its parts, to be dropped, and the blobs that nobody wants any more. */
  cancel(
    id: string,
    nowMs: number,
  ): { readonly parts: readonly string[]; readonly doomed: readonly string[] } {
    return this.#db.once(() => this.#cancel(id, nowMs));
  }

  link(room: string, hash: string): FileLink | null {
    const row = this.#db.get("SELECT * FROM links WHERE room = ? AND hash = ?", room, hash);
    if (row === undefined) return null;
    return {
      hash,
      size: Number(row["size"]),
      type: String(row["type"]),
      width: row["width"] === null ? null : Number(row["width"]),
      height: row["height"] === null ? null : Number(row["height"]),
      madeAt: Number(row["made_at"]),
      behind: Number(row["behind"]),
    };
  }

  /** Says that a message holds files; each spends one upload of them, the same identity's where there is one. */
  use(room: string, message: number, identity: string, hashes: readonly string[]): void {
    this.#db.once(() => {
      for (const hash of hashes) {
        if (this.link(room, hash) === null) continue;
        const isNew = this.#db.run(
          "INSERT INTO uses VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
          room,
          hash,
          message,
          identity,
        );
        if (isNew === 0) continue;
        this.#db.run(
          "DELETE FROM uploads WHERE id = (SELECT id FROM uploads WHERE room = ? AND hash = ? ORDER BY identity <> ?, touched_at LIMIT 1)",
          room,
          hash,
          identity,
        );
      }
    });
  }

  /**
   * Says that a message holds nothing any more; with `identity` only where it is that one's. The blobs that
   * nobody wants any more: nobody gets them again, and they are to be deleted (`undoom`).
   */
  release(room: string, message: number, nowMs: number, identity?: string): readonly string[] {
    return this.#db.once(() => {
      const rows = this.#db.all(
        "SELECT hash, identity FROM uses WHERE room = ? AND message = ?",
        room,
        message,
      );
      const hashes = rows
        .filter((row) => identity === undefined || row["identity"] === identity)
        .map(({ hash }) => String(hash));
      for (const hash of hashes) {
        this.#db.run("DELETE FROM uses WHERE room = ? AND hash = ? AND message = ?", room, hash, message);
      }
      return this.#unlinkUnwanted(room, hashes, nowMs);
    });
  }

  /** Says that one message does not hold one file; the blobs that nobody wants any more. */
  forget({ room, hash, message }: FileUse, nowMs: number): readonly string[] {
    return this.#db.once(() => {
      this.#db.run("DELETE FROM uses WHERE room = ? AND hash = ? AND message = ?", room, hash, message);
      return this.#unlinkUnwanted(room, [hash], nowMs);
    });
  }

  /** Forgets a room whole. */
  dropRoom(
    room: string,
    nowMs: number,
  ): { readonly parts: readonly string[]; readonly doomed: readonly string[] } {
    return this.#db.once(() => {
      const parts = this.#db
        .all("SELECT id FROM uploads WHERE room = ?", room)
        .flatMap(({ id }) => this.#takeParts(String(id)));
      const hashes = this.#db
        .all("SELECT hash FROM links WHERE room = ?", room)
        .map(({ hash }) => String(hash));
      this.#db.run("DELETE FROM uploads WHERE room = ?", room);
      this.#db.run("DELETE FROM uses WHERE room = ?", room);
      return { parts, doomed: this.#unlinkUnwanted(room, hashes, nowMs) };
    });
  }

  /** Says that a blob is deleted, or that it can be made again. */
  undoom(hash: string): void {
    this.#db.run("DELETE FROM doomed WHERE hash = ?", hash);
  }

  /** Blobs that were to be deleted before a moment, and are not. */
  doomedBefore(atMs: number): readonly string[] {
    return this.#db.all("SELECT hash FROM doomed WHERE since < ?", atMs).map(({ hash }) => String(hash));
  }

  /** Uploads that nothing happened to since a moment, whether they came to their end or not. */
  idleUploads(
    beforeMs: number,
    limit: number,
  ): readonly { readonly id: string; readonly room: string; readonly hash: string | null }[] {
    return this.#db
      .all("SELECT id, room, hash FROM uploads WHERE touched_at < ? LIMIT ?", beforeMs, limit)
      .map((row) => ({
        id: String(row["id"]),
        room: String(row["room"]),
        hash: row["hash"] === null ? null : String(row["hash"]),
      }));
  }

  /** What messages hold, in order, from behind one on. */
  usesAfter(last: FileUse | null, limit: number): readonly FileUse[] {
    const { room, hash, message } = last ?? { room: "", hash: "", message: 0 };
    const sql =
      "SELECT room, hash, message FROM uses WHERE (room, hash, message) > (?, ?, ?) ORDER BY room, hash, message LIMIT ?";
    return this.#db.all(sql, room, hash, message, limit).map((row) => ({
      room: String(row["room"]),
      hash: String(row["hash"]),
      message: Number(row["message"]),
    }));
  }

  /** Of blobs and parts, those that nothing here knows. */
  unknown(kind: "blob" | "part", names: readonly string[]): readonly string[] {
    const sql =
      kind === "part"
        ? "SELECT 1 FROM parts WHERE part = ?"
        : "SELECT 1 FROM links WHERE hash = ?1 UNION SELECT 1 FROM doomed WHERE hash = ?1";
    return names.filter((name) => this.#db.get(sql, name) === undefined);
  }

  /** Marks a blob that nothing knows as one to be deleted; false where something knows it by now. */
  doomUnknown(hash: string, nowMs: number): boolean {
    return this.#db.once(() => {
      if (this.#db.get("SELECT 1 FROM links WHERE hash = ?", hash) !== undefined) return false;
      return this.#db.run("INSERT INTO doomed VALUES (?, ?) ON CONFLICT DO NOTHING", hash, nowMs) === 1;
    });
  }

  /** How much there is. */
  totals(): { readonly files: number; readonly bytes: number; readonly uploads: number } {
    return {
      files: this.#db.number("SELECT count(*) AS n FROM links"),
      bytes: this.#held("all", ""),
      uploads: this.#db.number("SELECT count(*) AS n FROM uploads WHERE hash IS NULL"),
    };
  }

  /** What passes to files are signed with: the proposal of the first process that asks, and the same for all. */
  passSecret(proposed = randomBytes(32).toString("hex")): string {
    return this.#db.once(() => {
      this.#db.run("INSERT INTO secrets VALUES ('pass', ?) ON CONFLICT DO NOTHING", proposed);
      return String(this.#db.get("SELECT value FROM secrets WHERE name = 'pass'")?.["value"]);
    });
  }

  /** Writes all that it holds to a file that is not there yet. */
  snapshotTo(file: string): void {
    this.#db.writeTo(file);
  }

  /** Writes a whole copy to a file that is not there yet, without uploads that have not come to their end, and with no secret. */
  copyTo(file: string): void {
    this.#db.writeTo(file);
    const copy = new DatabaseSync(file);
    try {
      copy.exec("DELETE FROM parts; DELETE FROM uploads WHERE hash IS NULL; DELETE FROM secrets; VACUUM");
    } finally {
      copy.close();
    }
  }

  /** The names of all blobs that rooms have. */
  hashes(): readonly string[] {
    return this.#db.all("SELECT DISTINCT hash FROM links").map(({ hash }) => String(hash));
  }

  /** Files of rooms, in order, from behind one on, as they go to another ledger. */
  filesAfter(
    last: { readonly room: string; readonly hash: string } | null,
    limit: number,
  ): readonly CopiedFile[] {
    return this.#copying.filesAfter(last, limit);
  }

  /** One of them; null where the room has none of that hash. */
  copiedFile(room: string, hash: string): CopiedFile | null {
    return this.#copying.file(room, hash);
  }

  /** Takes files of another ledger, whatever the limits say. What is known of one stays. */
  adopt(files: readonly CopiedFile[]): void {
    this.#copying.adopt(files);
  }

  /** What passes are signed with; null where none was signed so far. */
  knownSecret(): string | null {
    return this.#copying.secret();
  }

  #cancel(
    id: string,
    nowMs: number,
  ): { readonly parts: readonly string[]; readonly doomed: readonly string[] } {
    const row = this.#db.get("SELECT room, hash FROM uploads WHERE id = ?", id);
    if (row === undefined) return { parts: [], doomed: [] };
    const parts = this.#takeParts(id);
    this.#db.run("DELETE FROM uploads WHERE id = ?", id);
    const hashes = row["hash"] === null ? [] : [String(row["hash"])];
    return { parts, doomed: this.#unlinkUnwanted(String(row["room"]), hashes, nowMs) };
  }

  #takeParts(id: string): readonly string[] {
    const parts = this.#db.all("SELECT part FROM parts WHERE upload = ? ORDER BY at", id);
    this.#db.run("DELETE FROM parts WHERE upload = ?", id);
    return parts.map(({ part }) => String(part));
  }

  /** Takes away what neither a message nor an upload of the room holds; the blobs that no room has then. */
  #unlinkUnwanted(room: string, hashes: readonly string[], nowMs: number): readonly string[] {
    return hashes.filter((hash) => {
      const wanted =
        "SELECT 1 FROM uses WHERE room = ?1 AND hash = ?2 UNION SELECT 1 FROM uploads WHERE room = ?1 AND hash = ?2";
      if (this.#db.get(wanted, room, hash) !== undefined) return false;
      this.#db.run("DELETE FROM links WHERE room = ? AND hash = ?", room, hash);
      if (this.#db.get("SELECT 1 FROM links WHERE hash = ?", hash) !== undefined) return false;
      return this.#db.run("INSERT INTO doomed VALUES (?, ?) ON CONFLICT DO NOTHING", hash, nowMs) === 1;
    });
  }

  /** What is held, by a count that each change keeps: not by a look at all files at each upload. */
  #held(kind: "room" | "identity" | "address" | "all", name: string): number {
    return this.#db.number(
      "SELECT coalesce(sum(bytes), 0) AS n FROM held WHERE kind = ? AND name = ?",
      kind,
      name,
    );
  }
}
