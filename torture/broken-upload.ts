import { setTimeout as wait } from "node:timers/promises";

/** A file as the server describes it, and as a message names it. */
export interface TakenFile {
  readonly hash: string;
  readonly size: number;
  readonly type: string;
}

export type UploadOutcome =
  | { readonly kind: "taken"; readonly file: TakenFile }
  /** The server takes no file now, as where its disk is too full for one. */
  | { readonly kind: "refused" }
  /** The server had acknowledged that it began, and knows nothing of it. */
  | { readonly kind: "forgotten"; readonly upload: string };

export interface BrokenUpload {
  /** Address of the room. */
  readonly room: string;
  readonly key: string;
  readonly content: Uint8Array;
  readonly signal: AbortSignal;
  /** Between two tries, ms. */
  readonly pauseMs: () => number;
  /** What came was cut, or its answer. */
  readonly onCut: () => void;
}

/** So long that whoever begins while the server stands still begins once, and not at each try anew. */
const BEGIN_MS = 60_000;
const ANSWER_MS = 5_000;
const BEGIN_TRIES = 40;

/** Uploads a file in two pieces, and whatever breaks meanwhile goes on from where the server says that it stands. */
export async function uploadThroughFaults(wanted: BrokenUpload): Promise<UploadOutcome> {
  const { content, signal, pauseMs, onCut } = wanted;
  let upload: string | null = null;
  let at = 0;
  for (let tries = 0; ; tries++) {
    if (upload === null && tries >= BEGIN_TRIES) return { kind: "refused" };
    try {
      const answer: Response = upload === null ? await begin(wanted) : await add(wanted, upload, at);
      const said = (await answer.json()) as { upload?: string; file?: TakenFile; received?: number };
      if (said.file !== undefined) return { kind: "taken", file: said.file };
      if (upload !== null && answer.status === 404) return { kind: "forgotten", upload };
      if (said.upload !== undefined) upload = said.upload;
      else if (said.received !== undefined) at = said.received;
      else if (answer.status === 409) at = Number(answer.headers.get("upload-offset"));
      else if (answer.status < 429) return { kind: "refused" };
      else await wait(pauseMs(), undefined, { signal });
    } catch (error) {
      if (signal.aborted) throw error;
      onCut();
      await wait(pauseMs(), undefined, { signal });
    }
    if (at > content.length) throw new RangeError(`the server has ${at} of ${content.length} bytes`);
  }
}

function begin({ room, key, content, signal }: BrokenUpload): Promise<Response> {
  return fetch(`${room}/files`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ size: content.length }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(BEGIN_MS)]),
  });
}

function add({ room, key, content, signal }: BrokenUpload, upload: string, at: number): Promise<Response> {
  const half = Math.floor(content.length / 2);
  const piece = new Uint8Array(content.subarray(at, at < half ? half : content.length));
  return fetch(`${room}/uploads/${upload}`, {
    method: "PATCH",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/partial-upload",
      "upload-offset": String(at),
    },
    body: new Blob([piece]),
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
  });
}
