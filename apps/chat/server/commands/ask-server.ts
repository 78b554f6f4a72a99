import { request } from "node:http";
import { CodedError } from "@parlor/base";
import { type Deletion, operatorSocketPath } from "../operator-socket.ts";

/**
 * Has the server that has the log in a folder delete a room.
 * @throws {CodedError} `unreachable`: it takes no commands here, and nothing has changed; `cut`: it ended before it
 *   answered; or what it said itself.
 */
export async function askServerToDelete(folder: string, room: string): Promise<Deletion> {
  const path = operatorSocketPath(folder);
  if (path === null) {
    throw notReached(folder, "its commands need a shorter path to the folder; stop it and say it again");
  }
  const text = await ask(path, folder, JSON.stringify({ room }));
  const answer = JSON.parse(text) as { deletion?: Deletion; code?: string; message?: string };
  if (answer.deletion !== undefined) return answer.deletion;
  const why = (answer.message ?? "it did not say why").replace(/\.$/, "");
  throw new CodedError(answer.code ?? "internal", `the server could not do it whole: ${why}; say it again`);
}

function ask(path: string, folder: string, body: string): Promise<string> {
  return new Promise((fulfil, reject) => {
    let isConnected = false;
    const asked = request({ socketPath: path, path: "/delete", method: "POST", agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => fulfil(Buffer.concat(chunks).toString("utf8")));
      response.on("error", () => reject(cut()));
    });
    asked.on("socket", (socket) => socket.once("connect", () => (isConnected = true)));
    asked.on("error", (error: NodeJS.ErrnoException) =>
      reject(isConnected ? cut() : notReached(folder, whyNot(error))),
    );
    asked.end(body);
  });
}

function cut(): CodedError {
  return new CodedError(
    "cut",
    "the server ended before it had done it; say it again, which finishes what was left",
  );
}

function whyNot({ code }: NodeJS.ErrnoException): string {
  if (code === "EACCES" || code === "EPERM") return "only the user that it runs as may have it do so";
  return "it takes no commands: it is starting or stopping, or no such server; say it again, or stop it first";
}

function notReached(folder: string, why: string): CodedError {
  return new CodedError(
    "unreachable",
    `nothing has changed: another process has the log in ${folder} open, and ${why}`,
  );
}
