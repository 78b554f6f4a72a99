import type { IncomingMessage, ServerResponse } from "node:http";
import type { ResolvedOptions } from "./options.ts";
import type { Services } from "./session/services.ts";
import { answerError, answerJson } from "./transport/http-answer.ts";
import type { Peer } from "./transport/peer-address.ts";
import type { SendPressure } from "./transport/send-pressure.ts";

/** What operators and their machines look at. */
export class OperatorPages {
  readonly #services: Services;

  constructor(_options: ResolvedOptions, services: Services, _pressure: SendPressure) {
    this.#services = services;
  }

  /** 503 while draining, and while the log can't take a publish. */
  answerReady(response: ServerResponse): void {
    const { isDraining, log } = this.#services;
    if (isDraining) return answerError(response, { code: "draining", message: "The server is stopping." });
    const { status } = log;
    if (status.kind === "ready") return answerJson(response, 200, { status: "ready" });
    const why = "message" in status ? status.message : "The log is closed.";
    answerError(response, { code: "unavailable", message: why });
  }

  answerMetrics(response: ServerResponse): void {
    answerError(response, { code: "unknown-frame", message: "Not built." });
  }

  answerStatus(_request: IncomingMessage, response: ServerResponse, _file: string | null, _peer: Peer): void {
    answerError(response, { code: "unknown-frame", message: "Not built." });
  }
}
