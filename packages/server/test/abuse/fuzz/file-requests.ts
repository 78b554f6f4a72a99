import type { Base, FuzzedRequest } from "./http-requests.ts";

/** Stand for what a server gives out, and are as long: requests are made before there is a server. */
const UPLOAD = "upload-of-the-fuzzer--";
const HASH = "f".repeat(64);

const KEY = ["Authorization", "Bearer a-key-of-the-fuzzer-that-is-long"] as const;
const PIECE = [KEY, ["Content-Type", "application/partial-upload"], ["Upload-Offset", "0"]] as const;

/** What lies at a server for these requests. */
export interface GivenFiles {
  readonly upload: string;
  readonly hash: string;
}

/** Something valid for each address of files. */
export const FILE_BASES: readonly Base[] = [
  {
    method: "POST",
    path: "/rooms/lobby/files",
    query: [],
    headers: [KEY, ["Content-Type", "application/json"]],
    body: '{"size":5}',
  },
  { method: "GET", path: "/rooms/lobby/files", query: [], headers: [KEY], body: "" },
  {
    method: "GET",
    path: `/rooms/lobby/files/${HASH}`,
    query: [],
    headers: [KEY, ["If-None-Match", `"${HASH}"`]],
    body: "",
  },
  {
    method: "GET",
    path: `/rooms/lobby/files/${HASH}`,
    query: [],
    headers: [KEY, ["Range", "bytes=1-3"]],
    body: "",
  },
  { method: "PATCH", path: `/rooms/lobby/uploads/${UPLOAD}`, query: [], headers: PIECE, body: "bytes" },
  { method: "HEAD", path: `/rooms/lobby/uploads/${UPLOAD}`, query: [], headers: [KEY], body: "" },
  { method: "DELETE", path: "/rooms/lobby/uploads/unknown", query: [], headers: [KEY], body: "" },
];

/** The request with what the server gave in its place; its length stays. */
export function named(request: FuzzedRequest, { upload, hash }: GivenFiles): FuzzedRequest {
  const text = request.bytes.toString("latin1").replaceAll(UPLOAD, upload).replaceAll(HASH, hash);
  return { ...request, bytes: Buffer.from(text, "latin1") };
}
