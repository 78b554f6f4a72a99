import { DatabaseSync, type StatementSync } from "node:sqlite";
import { COUNT_HELD, LEDGER_TABLES } from "./ledger-tables.ts";

const BUSY_TIMEOUT_MS = 5_000;
const FORMAT = 2;
const AS_KEPT =
  "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA fullfsync=ON; PRAGMA secure_delete=ON";
const AS_COPY = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA secure_delete=ON";

type Value = string | number | null;
/** What the tables hold: no bytes, and no numbers beyond a double. */
export type Row = Record<string, Value>;

/** The file of a ledger: statements that are prepared once, and transactions, also between processes. */
export class LedgerDatabase {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @param isCopy  Of what is kept elsewhere, and made anew after a crash. */
  constructor(file: string, isCopy: boolean) {
    this.#db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    this.#db.exec(isCopy ? AS_COPY : AS_KEPT);
    const version = Number(this.get("PRAGMA user_version")?.["user_version"]);
    if (version > FORMAT) throw new Error(`${file} was written by a later version of Parlor`);
    this.once(() => {
      this.#db.exec(LEDGER_TABLES);
      if (version < FORMAT) this.#db.exec(`${COUNT_HELD} PRAGMA user_version=${FORMAT}`);
    });
  }

  close(): void {
    this.#db.close();
  }

  once<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Writes all that it holds to a file that is not there yet. */
  writeTo(file: string): void {
    this.#db.prepare("VACUUM INTO ?").run(file);
  }

  number(sql: string, ...values: string[]): number {
    return Number(this.get(sql, ...values)?.["n"]);
  }

  /** How many rows it changed. */
  run(sql: string, ...values: Value[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined;
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[];
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
