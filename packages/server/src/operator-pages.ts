import type { IncomingMessage, ServerResponse } from "node:http";
import type { OperatorDoor } from "./operator-door.ts";
import { Metrics } from "./metrics.ts";
import type { LogPromise, ResolvedOptions } from "./options.ts";
import { ProcessReadings } from "./process-readings.ts";
import type { BoundReading, ServerReadings } from "./server-readings.ts";
import type { Services } from "./session/services.ts";
import { StatusPage } from "./status-page.ts";
import { StatusBoard, type StatusSnapshot } from "./status-snapshot.ts";
import { answerError, answerJson } from "./transport/http-answer.ts";
import type { SendPressure } from "./transport/send-pressure.ts";

/** How long `/metrics` waits for those of another process, in ms. */
const MORE_WITHIN_MS = 1_000;

/** What operators look at, and their machines: alive, ready, metrics, and the page for people. */
export class OperatorPages {
  readonly #services: Services;
  readonly metrics: Metrics;
  readonly #moreMetrics: () => Promise<string>;
  readonly #promise: LogPromise | null;
  readonly #status: StatusPage;
  readonly #board: StatusBoard;
  /** A second one beside that of the metrics, since each reading empties what it has read. */
  readonly #process: ProcessReadings;

  constructor(
    options: ResolvedOptions,
    services: Services,
    pressure: SendPressure,
    door: OperatorDoor,
    addressOf: (request: IncomingMessage) => string,
    bounds: readonly BoundReading[],
  ) {
    this.#services = services;
    const readings: ServerReadings = {
      counters: services.counters,
      rooms: services.rooms,
      log: services.log,
      bus: services.bus,
      readers: services.readers,
      sendBufferBytes: () => pressure.waitingBytes,
      isDraining: () => services.isDraining,
      maxConnections: options.maxConnections,
      bounds,
      version: options.version,
      worker: options.worker,
    };
    this.#moreMetrics = options.moreMetrics;
    this.#promise = options.promise;
    this.metrics = new Metrics(readings, services.clock);
    this.#process = new ProcessReadings(services.clock);
    this.#board = new StatusBoard(readings, this.#process, services.clock);
    this.#status = new StatusPage(this.#board, (request, key) => door.check(key, addressOf(request)));
  }

  /** As `/status` shows it to the operator. */
  snapshot(): StatusSnapshot {
    return this.#board.snapshot("shown");
  }

  answerAlive(response: ServerResponse): void {
    answerJson(response, 200, { status: "alive" });
  }

  /** 503 while draining, and while the log can't take a publish. */
  answerReady(response: ServerResponse): void {
    const { isDraining, log } = this.#services;
    if (isDraining) return answerError(response, { code: "draining", message: "The server is stopping." });
    const { status } = log;
    if (status.kind === "ready") {
      const promise = this.#promise;
      const said = promise === null ? {} : { durable: promise.isDurable, promise: promise.words };
      return answerJson(response, 200, { status: "ready", ...said });
    }
    const why = "message" in status ? status.message : "The log is closed.";
    answerError(response, { code: "unavailable", message: why });
  }

  async answerMetrics(response: ServerResponse): Promise<void> {
    const text = (await this.metrics.text()) + (await this.#moreInTime());
    response
      .writeHead(200, { "content-type": this.metrics.contentType, "cache-control": "no-store" })
      .end(text);
  }

  /** Whoever looks at a server in trouble must get an answer, also where another process gives none. */
  async #moreInTime(): Promise<string> {
    const { clock } = this.#services;
    const more = this.#moreMetrics().catch(() => "");
    return new Promise((fulfil) => {
      const timer = clock.after(MORE_WITHIN_MS, () => fulfil(""));
      void more.then((text) => {
        clock.cancel(timer);
        fulfil(text);
      });
    });
  }

  answerStatus(request: IncomingMessage, response: ServerResponse, file: string | null): void {
    this.#status.answer(request, response, file);
  }

  close(): void {
    this.metrics.close();
    this.#process.close();
  }
}
