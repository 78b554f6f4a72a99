import { WebSocket } from "partysocket";
import { measured } from "./measured.ts";

measured(
  (heard) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://${location.host}/socket`);
      socket.addEventListener("message", () => {
        heard("websocket");
        socket.close();
        resolve();
      });
    }),
);
