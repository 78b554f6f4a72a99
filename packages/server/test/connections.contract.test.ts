import { describeConnectionContract } from "@parlor/testkit";
import { CLOSE_CODES } from "@parlor/protocol";
import { connectionSubject } from "./support/connection-subject.ts";

describeConnectionContract({
  name: "WebSocket",
  slowCode: CLOSE_CODES.slow.code,
  isOneAnswer: false,
  create: (t) => connectionSubject(t, "websocket"),
});
for (const name of ["stream", "poll"] as const) {
  describeConnectionContract({
    name,
    slowCode: null,
    isOneAnswer: name === "poll",
    create: (t) => connectionSubject(t, name),
  });
}
