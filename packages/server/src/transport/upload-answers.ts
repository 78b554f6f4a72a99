import type { IncomingMessage } from "node:http";
import { CodedError } from "@parlor/base";
import { isErrorCode, isJsonObject, isReservedRoom, parseJson, parseOffset } from "@parlor/protocol";
import type { FileDesk, Progress } from "../files/file-desk.ts";
import type { FileLink } from "../files/ledger-records.ts";
import { addressGroup } from "../session/address-group.ts";
import { askAuthorize } from "../session/ask-hooks.ts";
import { bearerCredentials, identify } from "../session/identify.ts";
import { refusalOf } from "../session/refusal-of.ts";
import type { Refusal } from "../session/hooks.ts";
import type { Services } from "../session/services.ts";
import { readBody } from "./body.ts";
import { answerErrorUnread, answerJson, answerJsonUnread, type HttpError } from "./http-answer.ts";
import { NO_FILES_HERE } from "./no-files-here.ts";
import type { RestRequest } from "./rest.ts";

/** Bytes of what is said of a file to come. */
const MAX_ANNOUNCED_BYTES = 4_096;
/** Of the standard to come (resumable uploads for HTTP), and of its forerunner (tus). */
const PART_TYPES = /^application\/(partial-upload|offset\+octet-stream)\s*(;|$)/i;

const NO_UPLOAD: HttpError = {
  code: "unknown-frame",
  status: 404,
  message: "There is no such upload in this room; begin it anew.",
};

const DRAINING: HttpError = {
  code: "draining",
  message: "The server is stopping; go on with it at another, or later.",
};

/** `POST /rooms/{room}/files`: an upload begins. Rules: docs/protocol.md, FILE-. */
export async function answerBegin(rest: RestRequest, services: Services): Promise<void> {
  await answering(rest, services, async (desk) => {
    const { request, response, room, address } = rest;
    const body = await readBody(request, MAX_ANNOUNCED_BYTES, { address, places: services.bodies });
    if (body.kind === "aborted") return;
    if (body.kind === "refused") return refuse(rest, services, body.error);
    const announced = announcedFile(body.text);
    if ("code" in announced) return refuse(rest, services, announced);
    const who = await identify(bearerCredentials(request.headers, address, services), services);
    if ("code" in who) return refuse(rest, services, who);
    const { identity } = who;
    if (isReservedRoom(room)) {
      const message = "Rooms whose name begins with @ are written by the server alone.";
      return refuse(rest, services, { code: "forbidden", message });
    }
    const verdict = await mayBring(rest, identity, announced, services);
    if (verdict !== true) return refuse(rest, services, verdict);
    const waitMs = services.gate.takeSet(identity, address, services.clock.monotonic());
    if (waitMs > 0) {
      const message = "Uploads begin faster than the rate allows.";
      return refuse(rest, services, { code: "rate-limited", message, retryAfterMs: waitMs });
    }
    const { size } = announced;
    const upload = await desk.begin({ room, identity, address: addressGroup(address), size });
    services.counters.uploadsBegun += 1;
    answerJson(
      response,
      201,
      { upload, received: 0, size },
      { location: `uploads/${upload}`, "upload-offset": "0" },
    );
  });
}

/** `HEAD` and `GET /rooms/{room}/uploads/{id}`: how far it is. */
export async function answerProgress(rest: RestRequest, id: string, services: Services): Promise<void> {
  await answering(rest, services, async (desk) => tell(rest, services, await desk.progress(id, rest.room)));
}

/** `PATCH /rooms/{room}/uploads/{id}`: more of it, from `Upload-Offset` on. */
export async function answerAdd(rest: RestRequest, id: string, services: Services): Promise<void> {
  await answering(rest, services, async (desk) => {
    const { request, room } = rest;
    if (!PART_TYPES.test(request.headers["content-type"] ?? "")) {
      const message = "The bytes must come with content-type: application/partial-upload.";
      return refuse(rest, services, { code: "bad-frame", status: 415, message });
    }
    const offset = request.headers["upload-offset"];
    const at = typeof offset === "string" ? parseOffset(offset) : null;
    if (at === null) {
      const message = "`Upload-Offset` says from where on the bytes are, a whole number from 0.";
      return refuse(rest, services, { code: "bad-frame", message });
    }
    const before = await desk.progress(id, room);
    const isAnswered = before.kind !== "at" || before.received !== at;
    if (isAnswered)
      return tell(rest, services, before.kind === "at" ? { ...before, kind: "elsewhere" } : before);
    // Who may not say what it is for any more brings no more of it, whoever has its id.
    const verdict = await mayBring(rest, before.identity, { size: before.size }, services);
    if (verdict !== true) return refuse(rest, services, verdict);
    const length = Number(request.headers["content-length"] ?? 0);
    if (at + length > before.size) {
      const message = `More than the ${before.size} bytes announced would come.`;
      return refuse(rest, services, { code: "too-large", message });
    }
    const head = async (): Promise<number> => (await services.log.head(room)).head;
    const counted = count(request, services);
    await withPlace(rest, services, async () => {
      const progress = await desk.add(id, room, at, counted, head);
      if (progress.kind === "done") services.counters.filesTaken += 1;
      tell(rest, services, progress);
    });
  });
}

/** `DELETE /rooms/{room}/uploads/{id}`: it is given up. */
export async function answerCancel(rest: RestRequest, id: string, services: Services): Promise<void> {
  await answering(rest, services, async (desk) => {
    if (!(await desk.cancel(id, rest.room))) return refuse(rest, services, NO_UPLOAD);
    rest.response.writeHead(204, { "cache-control": "no-store" }).end();
  });
}

/** As it would be asked for the message that holds it, which is not said so far. */
async function mayBring(
  { room, address }: RestRequest,
  identity: string,
  file: { readonly size: number },
  services: Services,
): Promise<true | Refusal> {
  const question = { identity, action: "publish", room, address, body: { files: [file] } } as const;
  return await askAuthorize(services.authorize, { ...question, isUpload: true }, services);
}

/** The file as a message may name it. */
function fileOf({ hash, type, size, width, height }: FileLink): Record<string, string | number> {
  return { hash, type, size, ...(width === null || height === null ? {} : { width, height }) };
}

function tell(rest: RestRequest, services: Services, progress: Progress): void {
  const { request, response } = rest;
  switch (progress.kind) {
    case "none":
      return refuse(rest, services, NO_UPLOAD);
    case "done": {
      const file = fileOf(progress.file);
      const headers = { ...progressHeaders(progress.file.size, progress.file.size), "upload-complete": "?1" };
      // Where it was done already what else is sent is not read.
      return answerJsonUnread(request, response, { file }, headers, services.clock);
    }
    case "at": {
      const { received, size } = progress;
      return answerJson(response, 200, { received, size }, progressHeaders(received, size));
    }
    case "elsewhere": {
      const { received, size } = progress;
      const message = `The upload stands at ${received} of ${size} bytes; go on from there.`;
      return refuse(rest, services, {
        code: "out-of-order",
        message,
        headers: progressHeaders(received, size),
      });
    }
  }
}

function progressHeaders(received: number, size: number): Record<string, string> {
  return { "upload-offset": String(received), "upload-length": String(size), "upload-complete": "?0" };
}

/** Drains and refusals are the same for all of it. */
async function answering(
  rest: RestRequest,
  services: Services,
  work: (desk: FileDesk) => Promise<void>,
): Promise<void> {
  const { files } = services;
  if (files === null) return refuse(rest, services, NO_FILES_HERE);
  if (services.isDraining && rest.request.method !== "HEAD") return refuse(rest, services, DRAINING);
  try {
    await work(files);
  } catch (error) {
    refuse(rest, services, refusalIn(error, services));
  }
}

function refusalIn(error: unknown, services: Services): HttpError {
  if (error instanceof CodedError && isErrorCode(error.code)) {
    const { code, message, retryAfterMs } = error;
    return { code, message, retryAfterMs };
  }
  return refusalOf(error, services);
}

function refuse({ request, response, address }: RestRequest, services: Services, error: HttpError): void {
  services.events.refused(error.code, { address }, "upload");
  answerErrorUnread(request, response, error, services.clock);
}

/** Large bodies of one address are read a few at a time, uploads among them. */
async function withPlace(
  { request, address }: RestRequest,
  services: Services,
  work: () => Promise<void>,
): Promise<void> {
  // Whoever went meanwhile brings nothing, and would not be heard going.
  if (request.destroyed) return;
  let leave = (): void => {};
  await new Promise<void>((resolve) => {
    const place = services.bodies.take(address, resolve);
    leave = () => place.leave();
    request.once("close", resolve);
  });
  try {
    await work();
  } finally {
    leave();
  }
}

async function* count(request: IncomingMessage, { counters }: Services): AsyncIterable<Uint8Array> {
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    counters.fileBytesIn += chunk.length;
    yield chunk;
  }
}

function announcedFile(
  text: string,
): { readonly size: number; readonly name?: string; readonly type?: string } | HttpError {
  const parsed = parseJson(text, 3);
  const value = parsed.ok ? parsed.value : null;
  const size: unknown = isJsonObject(value) ? value["size"] : undefined;
  if (!isJsonObject(value) || typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    return {
      code: "bad-frame",
      message: 'The body is {"size":N}, with the bytes of the file, a whole number from 0.',
    };
  }
  const { name, type } = value;
  return {
    size,
    ...(typeof name === "string" ? { name } : {}),
    ...(typeof type === "string" ? { type } : {}),
  };
}
