import { ParlorClient } from "../src/index.ts";

// Run as a process of its own: publishes one message to a server that is not there yet, and ends.
const client = new ParlorClient(process.argv[2]);
client.on("state", ({ kind }) => console.log(kind));
const { offset } = await client.room("a").publish("from a process that waited");
console.log(`stored at ${offset}`);
client.close();
