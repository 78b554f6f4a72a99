import { signal } from "@preact/signals";
import { fileName, type MessageFile } from "./message-files.ts";

/** Bytes of a request: as many as a slow line brings in its time, and more on a fast one. */
const FIRST_CHUNK = 262_144;
const MAX_CHUNK = 4_194_304;
/** A request that was quicker than this may be larger the next time, ms. */
const QUICK_MS = 1_000;
const MAX_WAIT_MS = 10_000;
/** A request that says nothing for so long is given up; the server gives it less. */
const PATIENCE_MS = 30_000;

export type UploadState =
  | { readonly kind: "sending"; readonly sent: number }
  /** The line or the server is away; it goes on by itself. */
  | { readonly kind: "waiting"; readonly sent: number }
  | { readonly kind: "done"; readonly file: MessageFile }
  | { readonly kind: "failed"; readonly sentence: string };

export interface UploadPlace {
  /** `…/rooms/lobby/` */
  readonly room: string;
  readonly key: string | null;
}

/** One file on its way to the server: over as many requests as it takes, each of which goes on where the last one ended. */
export class Upload {
  readonly file: File;
  readonly name: string;
  readonly state = signal<UploadState>({ kind: "sending", sent: 0 });
  readonly #place: UploadPlace;
  readonly #end = new AbortController();
  #id: string | null = null;
  #sent = 0;
  #chunk = FIRST_CHUNK;

  constructor(file: File, place: UploadPlace) {
    this.file = file;
    this.name = fileName(file.name);
    this.#place = place;
    void this.#run();
  }

  /** Again, after it failed. */
  retry(): void {
    if (this.state.peek().kind !== "failed") return;
    this.#id = null;
    this.#sent = 0;
    void this.#run();
  }

  /** Gives it up, and tells the server, which else would find out in a day. */
  cancel(): void {
    this.#end.abort();
    if (this.#id !== null) void this.#ask("DELETE", `uploads/${this.#id}`).catch(() => undefined);
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#end.signal.aborted; ) {
      this.state.value = { kind: "sending", sent: this.#sent };
      try {
        const outcome = await this.#step();
        if (outcome !== "goes on") {
          this.state.value = outcome;
          return;
        }
        failures = 0;
      } catch {
        // The line, or the server, is away. What it has of the upload it says when it is back.
        if (this.#end.signal.aborted) return;
        this.#chunk = Math.max(FIRST_CHUNK / 4, this.#chunk / 2);
        this.state.value = { kind: "waiting", sent: this.#sent };
        await pause(Math.random() * Math.min(MAX_WAIT_MS, 500 * 2 ** failures++));
        await this.#findOut().catch(() => undefined);
      }
    }
  }

  /** One request. Throws where it is worth another try. */
  async #step(): Promise<UploadState | "goes on"> {
    if (this.#id === null) {
      const { size, type } = this.file;
      const begun = await this.#ask("POST", "files", JSON.stringify({ name: this.name, size, type }), {
        "content-type": "application/json",
      });
      const answer = await answerOf(begun);
      if (typeof answer === "string") return { kind: "failed", sentence: answer };
      this.#id = String(answer["upload"]);
    }
    const beganAt = performance.now();
    const response = await this.#ask(
      "PATCH",
      `uploads/${this.#id}`,
      this.file.slice(this.#sent, this.#sent + this.#chunk),
      { "content-type": "application/partial-upload", "upload-offset": String(this.#sent) },
    );
    if (response.status === 409 || response.status === 404) {
      if (response.status === 404) this.#id = null;
      this.#sent = response.status === 404 ? 0 : Number(response.headers.get("upload-offset") ?? 0);
      return "goes on";
    }
    const answer = await answerOf(response);
    if (typeof answer === "string") return { kind: "failed", sentence: answer };
    if (performance.now() - beganAt < QUICK_MS) this.#chunk = Math.min(MAX_CHUNK, this.#chunk * 2);
    if (answer["file"] === undefined) {
      this.#sent = Number(answer["received"]);
      return "goes on";
    }
    const file = answer["file"] as MessageFile;
    return { kind: "done", file: { ...file, name: this.name, ...(await shownSize(this.file, file)) } };
  }

  async #findOut(): Promise<void> {
    if (this.#id === null) return;
    const { ok, headers } = await this.#ask("HEAD", `uploads/${this.#id}`);
    if (ok) this.#sent = Number(headers.get("upload-offset") ?? 0);
  }

  #ask(
    method: string,
    path: string,
    body?: BodyInit,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const { room, key } = this.#place;
    return fetch(room + path, {
      method,
      headers: { ...headers, ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
      ...(body === undefined ? {} : { body }),
      signal:
        method === "DELETE"
          ? AbortSignal.timeout(PATIENCE_MS)
          : AbortSignal.any([this.#end.signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
  }
}

/** What the server answered, or its sentence where that is its last word. Throws where it may think otherwise later. */
async function answerOf(response: Response): Promise<Record<string, unknown> | string> {
  const isForNow = response.status >= 500 || response.status === 408 || response.status === 429;
  const answer = (await response.json()) as Record<string, unknown> & {
    error?: { code: string; message: string };
  };
  if (response.ok) return answer;
  // A full disk is for now, too, but nobody should wait for it without being told.
  if (isForNow && answer.error?.code !== "unavailable") throw new Error(answer.error?.message);
  return answer.error?.message ?? "The server did not take it.";
}

/** As the picture is shown, turned as its camera says; the server knows it as it is stored. */
async function shownSize(file: File, { width }: MessageFile): Promise<{ width?: number; height?: number }> {
  if (width === undefined) return {};
  try {
    const bitmap = await createImageBitmap(file);
    const size = { width: bitmap.width, height: bitmap.height };
    bitmap.close();
    return size;
  } catch {
    // Intentionally: then it has the server's.
    return {};
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    }
    addEventListener("online", done);
  });
}
