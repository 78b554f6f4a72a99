import { ParlorClient } from "@parlor/client";

// A page as a bundler gets it; `window.talk` is what the test asks it to do.
window.talk = async (transports) => {
  const client = new ParlorClient(location.origin, transports === undefined ? {} : { transports });
  const room = client.room("news");
  const heard = new Promise((resolve) => {
    room.on("messages", (messages) => resolve(messages.map((message) => message.body)));
  });
  room.subscribe({ last: 0 });
  await room.publish({ text: "from a page" });
  const result = { heard: await heard, doubled: await client.request("double", 4) };
  client.close();
  return result;
};
