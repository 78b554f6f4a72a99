import { SqliteLog } from "@parlor/log";
import { Parlor } from "@parlor/server";

/**
 * A server with a named reader, which publishes as fast as it can. `stall` has the effect of one message end in its
 * middle, behind what it wrote, so that it can be killed there; `settle` publishes nothing and ends when all is read.
 */
const [folder = "", how = "", at = "0"] = process.argv.slice(2);
const log = await SqliteLog.open({ folder });
const parlor = new Parlor({ log, readers: `${folder}/readers` });
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const reader = parlor.reader(
  "count",
  {
    tables: (db) => db.exec("CREATE TABLE seen (room TEXT, offset INTEGER, n INTEGER)"),
  },
  (message, { room, db }) => {
    const { n } = message.body as { n: number };
    db.prepare("INSERT INTO seen VALUES (?, ?, ?)").run(room, message.offset, n);
    if (how !== "stall" || message.offset < Number(at)) return;
    say("in the middle");
    return new Promise(() => undefined);
  },
);

if (how === "settle") {
  await reader.caughtUp();
  await parlor.close();
  await log.close();
  say("settled");
} else {
  const rooms = Array.from({ length: 30 }, (_, index) => ["a", "b", "c"][index % 3] ?? "a");
  for (let n = 0; ; n++) {
    await Promise.all(rooms.map((room) => parlor.room(room).publish({ n })));
    if (n === 0) say("running");
  }
}
