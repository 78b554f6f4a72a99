import { CodedError } from "@parlor/base";

/** A file as a server describes it, and as a message names it in its list `files`. */
export interface UploadedTestFile {
  readonly hash: string;
  readonly size: number;
  readonly type: string;
}

/**
 * Uploads a small file to a room, in two requests.
 *
 * @param room  Address of the room: `http://host/rooms/lobby`.
 * @throws {CodedError} with the code of the server's refusal; or as `fetch` does. Either may be tried again.
 */
export async function uploadFile(room: string, key: string, content: Uint8Array): Promise<UploadedTestFile> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const size = content.length;
  const begun = await fetch(`${room}/files`, { method: "POST", headers, body: JSON.stringify({ size }) });
  const { upload } = await answerOf<{ upload: string }>(begun);
  const added = await fetch(`${room}/uploads/${upload}`, {
    method: "PATCH",
    headers: { ...headers, "content-type": "application/partial-upload", "upload-offset": "0" },
    body: new Blob([new Uint8Array(content)]),
  });
  return (await answerOf<{ file: UploadedTestFile }>(added)).file;
}

async function answerOf<T>(answer: Response): Promise<T> {
  const said = (await answer.json()) as T & { error?: { code: string; message: string } };
  if (answer.ok && said.error === undefined) return said;
  throw new CodedError(said.error?.code ?? "internal", said.error?.message ?? `status ${answer.status}`);
}
