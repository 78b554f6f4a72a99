// A server and a client of the installed packages; started twice on one folder. Prints what was read.
import { SqliteLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { ParlorClient } from "@parlor/client";

const [folder, said] = process.argv.slice(2);
const log = await SqliteLog.open({ folder });
const parlor = new Parlor({ log, requests: { double: ({ params }) => params * 2 } });
const { port } = await parlor.listen({ port: 0 });

const client = new ParlorClient(`http://127.0.0.1:${port}/`);
const room = client.room("news");
const heard = [];
const all = new Promise((resolve) => {
  room.on("messages", (messages) => {
    heard.push(...messages.map((message) => message.body));
    if (heard.includes(said)) resolve();
  });
});
room.subscribe({ last: 50 });
const { offset } = await room.publish(said);
await all;
console.log(JSON.stringify({ heard, offset, doubled: await client.request("double", 21) }));
client.close();
await parlor.close();
await log.close();
