// What somebody writes for a page: no types of Node are there.
import { ParlorClient, type PublishOptions } from "@parlor/client";

const client = new ParlorClient(location.origin);
const options: PublishOptions = {};
const { offset } = await client.room("news").publish("hello", options);
document.title = String(offset);
// @ts-expect-error a room has a name
client.room(4);
