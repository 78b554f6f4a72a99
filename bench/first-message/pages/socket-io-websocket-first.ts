import { io } from "socket.io-client";
import { measured } from "./measured.ts";

// As its documentation says for servers without sticky sessions: a WebSocket, and else long polling.
measured(
  (heard) =>
    new Promise((resolve) => {
      const socket = io({ forceNew: true, transports: ["websocket", "polling"], tryAllTransports: true });
      socket.on("message", () => {
        heard(socket.io.engine.transport.name);
        socket.disconnect();
        resolve();
      });
    }),
);
