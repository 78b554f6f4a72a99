import { SqliteLog, type Append } from "@parlor/log";

/** Appended in one turn of the event loop, and so mostly in one transaction. */
const BATCH = 2_000;
const AUTHORS = 20;

/** What a room is filled with: offset 7 of it says `message 7`. */
export interface RoomFill {
  readonly room: string;
  /** So many messages are added. */
  readonly count: number;
}

/** Fills rooms straight through the log; nobody else may have the folder open. */
export async function fillRooms(folder: string, fills: readonly RoomFill[]): Promise<void> {
  const log = await SqliteLog.open({ folder });
  try {
    for (const { room, count } of fills) {
      const { head } = await log.head(room);
      for (let begun = 0; begun < count; begun += BATCH) {
        const size = Math.min(BATCH, count - begun);
        await Promise.all(
          Array.from({ length: size }, (_, i) => log.append(line(room, head + begun + i + 1))),
        );
      }
    }
  } finally {
    await log.close();
  }
}

function line(room: string, number: number): Append {
  const author = number % AUTHORS;
  // Every tenth is a longer one, so that rows differ in height as they do in life.
  const more = number % 10 === 0 ? ` ${"and so it went on for a while ".repeat(8)}` : "";
  return {
    room,
    from: `author-${String(author).padStart(2, "0")}`.padEnd(22, "x"),
    producer: "filled-in",
    seq: number,
    afterSeq: 0,
    bodyJson: JSON.stringify({ text: `message ${number}${more}`, name: `Author ${author}` }),
    remember: false,
    admit: "any",
  };
}
