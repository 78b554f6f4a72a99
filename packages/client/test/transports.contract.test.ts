import { HttpFarEnd } from "./http-far-end.ts";
import { describeTransportContract } from "./transport-contract.ts";
import { WebSocketFarEnd } from "./websocket-far-end.ts";

describeTransportContract({
  name: "WebSocket",
  showsLife: false,
  create: () => WebSocketFarEnd.listen(),
});
for (const name of ["stream", "poll"] as const) {
  describeTransportContract({ name, showsLife: true, create: (draw) => HttpFarEnd.listen(name, draw) });
}
