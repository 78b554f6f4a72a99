import { bearerCredentials, identify } from "../session/identify.ts";
import type { Refusal } from "../session/hooks.ts";
import { mayRead } from "../session/may-read.ts";
import { refusalOf } from "../session/refusal-of.ts";
import type { Services } from "../session/services.ts";
import type { Who } from "../session/session-core.ts";
import { answerError, answerJson, type HttpError } from "./http-answer.ts";
import { NO_FILES_HERE } from "./no-files-here.ts";
import type { RestRequest } from "./rest.ts";

const PASS_OVER: Refusal = {
  code: "forbidden",
  message: "The pass in this address is over, or of another room; ask for the room's files once more.",
};

/**
 * `GET /rooms/{room}/files`: a pass, with which whoever may read the room gets its files where no header can be sent,
 * as by an `<img>`. Null where anybody gets them. Rules: docs/protocol.md, FILE-11.
 */
export async function answerPass(rest: RestRequest, services: Services): Promise<void> {
  const { request, response, room, address } = rest;
  const refuse = (error: HttpError): void => {
    services.events.refused(error.code, { address }, "file");
    answerError(response, error);
  };
  const { files } = services;
  if (files === null) return refuse(NO_FILES_HERE);
  const who = await identify(bearerCredentials(request.headers, address, services), services);
  if ("code" in who) return refuse(who);
  const refusal = await mayRead({ identity: who.identity, address }, room, services);
  if (refusal !== null) return refuse(refusal);
  try {
    const headers = { "cache-control": "no-store", vary: "Origin, Authorization" };
    if (await mayAnybody(rest, services)) return answerJson(response, 200, { pass: null }, headers);
    const { pass, until } = await files.pass(room, who.identity, who.expiresAt);
    answerJson(response, 200, { pass, until }, headers);
  } catch (error) {
    refuse(refusalOf(error, services));
  }
}

/** Who asks for a file: the holder of the pass in its address, else who its headers say. */
export async function fileAsker(
  rest: RestRequest,
  services: Services,
): Promise<Pick<Who, "identity"> | Refusal> {
  const { request, room, query, address } = rest;
  const pass = query.get("pass");
  if (pass === null) return identify(bearerCredentials(request.headers, address, services), services);
  const identity = (await services.files?.holder(pass, room)) ?? null;
  return identity === null ? PASS_OVER : { identity };
}

/** Whether somebody without a key or token, whom nobody has seen before, may read the room. */
async function mayAnybody({ room, address }: RestRequest, services: Services): Promise<boolean> {
  const nobody = await identify({ key: null, token: null, headers: {}, address }, services);
  const identity = "code" in nobody ? null : nobody.identity;
  return identity !== null && (await mayRead({ identity, address }, room, services)) === null;
}
