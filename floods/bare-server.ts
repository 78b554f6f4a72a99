import { createServer } from "node:net";

/**
 * Entry of a process that takes what it is sent and does nothing with it: an upgrade is answered, another request has
 * an empty answer, all else is thrown away. Flooded instead of the server it shows what the flood costs the machine,
 * and so those who talk on it, before anybody has done anything.
 */
const UPGRADED =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: parlor.v1\r\n\r\n";
const EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

const server = createServer((socket) => {
  socket.on("data", (bytes: Buffer) => {
    const isHead = bytes.subarray(0, 5).toString("latin1");
    if (isHead !== "GET /" && isHead !== "POST ") return;
    socket.write(bytes.subarray(0, 512).includes("Upgrade: websocket") ? UPGRADED : EMPTY);
  });
  // Whatever the reason, it is over.
  socket.on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", 4_096, () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : null);
});
process.on("disconnect", () => process.exit(0));
