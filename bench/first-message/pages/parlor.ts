import { ParlorClient } from "@parlor/client";
import { measured } from "./measured.ts";

measured(
  (heard) =>
    new Promise((resolve) => {
      const client = new ParlorClient();
      const room = client.room("bench");
      room.on("messages", () => {
        const { state } = client;
        heard(state.kind === "open" ? state.transport : state.kind);
        client.close();
        resolve();
      });
      room.subscribe({ last: 1 });
    }),
);
