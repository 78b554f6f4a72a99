import type { MessageRow, Row } from "./rows.ts";

/** Messages that stand together: compared, laid out and painted as one thing for as long as none of them changes. */
export interface RowBlock {
  readonly kind: "block";
  readonly key: string;
  readonly rows: readonly MessageRow[];
}

/** A block of messages, or what stands between them. */
export type Drawn = Exclude<Row, MessageRow> | RowBlock;

/** Messages of one block: so many are compared and painted anew where one of them changes. */
export const BLOCK_ROWS = 8;

/**
 * Cuts rows into blocks. A row stays in the block that it was in, whatever comes or goes above and below it: so what
 * is read, or arrives, makes a new block or a longer last one, and the others are left alone.
 *
 * @param before what this returned for the rows of a moment ago
 * @returns the very block from before, where it holds the very rows
 */
export function rowBlocks(rows: readonly Row[], before: readonly Drawn[]): readonly Drawn[] {
  const wasIn = new Map<string, RowBlock>();
  for (const block of before)
    if (block.kind === "block") for (const { key } of block.rows) wasIn.set(key, block);
  const keys = new Set<string>();
  const drawn: Drawn[] = [];
  let held: MessageRow[] = [];
  let was: RowBlock | undefined;
  const end = (): void => {
    const [first] = held;
    if (first === undefined) return;
    // What was one block may have a line through it now.
    const key = was === undefined || keys.has(was.key) ? first.key : was.key;
    keys.add(key);
    const isSame =
      key === was?.key && held.length === was.rows.length && held.every((row, i) => row === was?.rows[i]);
    drawn.push(isSame && was !== undefined ? was : { kind: "block", key, rows: held });
    held = [];
  };
  for (const row of rows) {
    if (row.kind !== "message") {
      end();
      drawn.push(row);
      continue;
    }
    const block = wasIn.get(row.key);
    const fits = block === undefined ? held.length < BLOCK_ROWS : block === was;
    if (held.length === 0 || !fits) {
      end();
      was = block;
    }
    held.push(row);
  }
  end();
  return drawn;
}
