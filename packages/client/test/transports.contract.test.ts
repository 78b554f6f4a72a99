import { describeTransportContract } from "@parlor/testkit";
import { HttpFarEnd } from "./http-far-end.ts";
import { WebSocketFarEnd } from "./websocket-far-end.ts";

describeTransportContract({
  name: "WebSocket",
  showsLife: false,
  create: (draw) => WebSocketFarEnd.listen(draw),
});
for (const name of ["stream", "poll"] as const) {
  describeTransportContract({ name, showsLife: true, create: (draw) => HttpFarEnd.listen(name, draw) });
}
