import type { IncomingHttpHeaders } from "node:http";
import { isIdentityKey } from "@parlor/protocol";
import { askAuthenticate } from "./ask-hooks.ts";
import type { Refusal } from "./hooks.ts";
import { freshIdentity, identityFromKey } from "./identity.ts";
import type { Services } from "./services.ts";
import type { Who } from "./session-core.ts";

/** What somebody brings to say who they are. */
export interface Credentials {
  /** The secret that the identity is the hash of. */
  readonly key: string | null;
  /** For the host's hook. */
  readonly token: string | null;
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
}

/**
 * Who that is: what the host's hook says where there is one, else the hash of the key, else somebody
 * whom nobody has seen before. Answers at once unless the hook takes its time.
 */
export function identify(
  credentials: Credentials,
  services: Services,
): Who | Refusal | Promise<Who | Refusal> {
  const { authenticate } = services;
  if (authenticate === null) {
    const { key } = credentials;
    if (key !== null && !isIdentityKey(key)) {
      return { code: "bad-frame", message: "A key is a string of 22 to 64 characters." };
    }
    return {
      identity: key === null ? freshIdentity() : identityFromKey(key),
      isAuthenticated: false,
      expiresAt: null,
    };
  }
  const { token, headers, address } = credentials;
  const answer = askAuthenticate(authenticate, { token, headers, address }, services);
  return answer instanceof Promise ? answer.then(toWho) : toWho(answer);
}

function toWho(known: Awaited<ReturnType<typeof askAuthenticate>>): Who | Refusal {
  if ("code" in known) return known;
  return { identity: known.identity, isAuthenticated: true, expiresAt: known.expiresAt ?? null };
}

/** The credential of an HTTP request: a token where the host authenticates, else the key. */
export function bearerCredentials(
  headers: IncomingHttpHeaders,
  address: string,
  services: Services,
): Credentials {
  const bearer = /^Bearer(?: +(.*))?$/i.exec(headers.authorization ?? "");
  const given = bearer === null ? null : (bearer[1]?.trim() ?? "");
  // Who says Bearer and nothing behind it has lost a key, and is not taken for somebody without one. A hook judges that itself.
  return services.authenticate === null
    ? { key: given, token: null, headers, address }
    : { key: null, token: given === "" ? null : given, headers, address };
}
