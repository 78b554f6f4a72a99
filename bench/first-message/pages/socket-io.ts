import { io } from "socket.io-client";
import { measured } from "./measured.ts";

// As its documentation begins: long polling first, then a WebSocket beside it.
measured(
  (heard) =>
    new Promise((resolve) => {
      const socket = io({ forceNew: true });
      socket.on("message", () => {
        heard(socket.io.engine.transport.name);
        socket.disconnect();
        resolve();
      });
    }),
);
