import type { ClientRequest, IncomingMessage } from "node:http";
import type { ProxiedRequest, ProxyFault } from "./proxy-fault.ts";

/**
 * When a POST is sent again, and which answer its client is given.
 *   first    again once the first is answered; the client gets the first answer, and never knows
 *   second   again once the first is answered, whose answer is lost; the client gets the second
 *   at-once  both at the same moment; the client gets the answer to the first
 */
export type Replay = "first" | "second" | "at-once";

/** Bodies above this are refused: they are held in memory until they have been sent again. */
const MAX_BODY_BYTES = 16_777_216;

/**
 * A proxy that sends every POST twice, as one does that retries on a connection of its pool that broke. A
 * request counts as answered with the head of its answer, since some answers never end.
 */
export function replaysPosts(replay: Replay = "second"): ProxyFault & {
  /** How many were sent again. */
  readonly replayCount: number;
} {
  let replayCount = 0;
  const onReplay = (): void => void replayCount++;
  return {
    treatRequest: (proxied) => {
      if (proxied.request.method !== "POST") return "pass";
      void sendTwice(proxied, replay, onReplay);
      return "taken";
    },
    get replayCount() {
      return replayCount;
    },
  };
}

async function sendTwice(proxied: ProxiedRequest, replay: Replay, onReplay: () => void): Promise<void> {
  const { request, response } = proxied;
  const body = await bodyOf(request);
  if (body === null) {
    response.writeHead(413, { "content-type": "text/plain", connection: "close" });
    response.end("This proxy takes 16 MiB.\n");
    return;
  }
  // Its client left before the end: there is nothing whole to send.
  if (!request.complete || response.destroyed) return;
  const first = proxied.open();
  const again = (): ClientRequest => {
    const second = proxied.open();
    onReplay();
    second.end(body);
    return second;
  };
  if (replay === "second") {
    // The client is answered by the second; while the first is under way, its end is the client's too.
    const abandon = (): void => void first.destroy();
    response.once("close", abandon);
    first.once("error", () => response.destroy());
    first.once("response", (answer) => {
      answer.destroy();
      response.off("close", abandon);
      if (!response.destroyed) proxied.answerWith(again());
    });
  } else {
    proxied.answerWith(first);
    if (replay === "at-once") discard(again(), proxied);
    else first.once("response", () => discard(again(), proxied));
  }
  first.end(body);
}

/** Reads an answer that nobody is given; where the client leaves before its own has ended, this is over too. */
function discard(second: ClientRequest, { response }: ProxiedRequest): void {
  second.on("error", () => undefined);
  second.on("response", (answer) => answer.resume().on("error", () => undefined));
  response.once("close", () => {
    if (!response.writableFinished) second.destroy();
  });
}

/** The whole body, as far as it came; null where it is too long. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_BODY_BYTES) return null;
      chunks.push(chunk as Buffer);
    }
  } catch {
    // The client left in the middle of it; the request is not complete then.
  }
  return Buffer.concat(chunks);
}
