import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join, relative, resolve } from "node:path";
import { CodedError } from "@parlor/base";

/** Longest path of a local socket that every system takes, in bytes. */
const MAX_SOCKET_PATH = 100;

/** A request holds a room's name and little else. */
const MAX_REQUEST_BYTES = 4_096;

const MAX_CONNECTIONS = 8;

/** What became of a room: `finished` where only something of earlier deletions was left. */
export type Deletion = "deleted" | "finished" | "no-room";

/** What an operator on this machine may ask of a running server. */
export interface OperatorWork {
  /** Fulfils when nothing of the room is left. */
  deleteRoom(room: string): Promise<Deletion>;
}

/**
 * Where the server that has the log in a folder takes its operator's commands; null where its path is too long for a
 * socket, and on Windows, whose pipes have no folder to keep others out.
 */
export function operatorSocketPath(folder: string): string | null {
  if (process.platform === "win32") return null;
  const full = join(resolve(folder), "operator", "server.sock");
  const short = relative(process.cwd(), full);
  const path = short.length < full.length ? short : full;
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH ? path : null;
}

/**
 * The operator's commands to a running server, by a local socket. Whoever may open it could as well change the log's
 * files, so it needs no key; its folder can be entered by the user that the server runs as, and by nobody else.
 */
export class OperatorSocket {
  readonly #server: Server;

  private constructor(work: OperatorWork) {
    this.#server = createServer((request, response) => void answer(work, request, response));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /**
   * Listens in the folder of a log that this server has, in place of one that was killed.
   * @throws the system's error where there can be no socket
   */
  static async listen(path: string, work: OperatorWork): Promise<OperatorSocket> {
    const folder = resolve(path, "..");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // One that was there before, such as in a folder that was copied, is closed to others, too.
    await chmod(folder, 0o700);
    await rm(path, { force: true });
    const operator = new OperatorSocket(work);
    await new Promise<void>((fulfil, reject) => {
      operator.#server.once("error", reject);
      // Exclusive: a worker's is its own, not one that the supervisor shares out.
      operator.#server.listen({ path, exclusive: true }, fulfil);
    });
    return operator;
  }

  /** Who waits for an answer is cut off, and asks again. */
  close(): Promise<void> {
    return new Promise((fulfil) => {
      this.#server.close(() => fulfil());
      this.#server.closeAllConnections();
    });
  }
}

async function answer(work: OperatorWork, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await outcomeOf(work, request);
  if (response.destroyed) return;
  response
    .writeHead(status, { "content-type": "application/json", connection: "close" })
    .end(JSON.stringify(body));
}

async function outcomeOf(
  work: OperatorWork,
  request: IncomingMessage,
): Promise<{ status: number; body: object }> {
  try {
    const asked = await readAll(request);
    if (request.method !== "POST" || request.url !== "/delete") {
      return { status: 404, body: { code: "unknown", message: "This server does not know that command" } };
    }
    const { room } = JSON.parse(asked) as { readonly room?: unknown };
    if (typeof room !== "string") throw new CodedError("bad-room", "a room is a string");
    return { status: 200, body: { deletion: await work.deleteRoom(room) } };
  } catch (error) {
    const code = error instanceof CodedError ? error.code : "internal";
    return { status: 500, body: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) throw new CodedError("too-large", "the command is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
