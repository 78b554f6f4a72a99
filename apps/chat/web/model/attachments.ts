import { computed, signal } from "@preact/signals";
import type { Attached } from "./attached.ts";
import type { MessageFile } from "./message-files.ts";
import { Upload, type UploadPlace } from "./upload.ts";

/** Files of one message; the server takes no more. */
const MAX_ATTACHED = 20;

/** The files that go with the message that is being written in one room. */
export class Attachments implements Attached {
  readonly uploads = signal<readonly Upload[]>([]);
  /** For those who listen: what just came of it. */
  readonly said = signal("");
  readonly state = computed(() => {
    const uploads = this.uploads.value;
    if (uploads.length === 0) return "none";
    return uploads.every(({ state }) => state.value.kind === "done") ? "ready" : "busy";
  });
  readonly #place: UploadPlace;

  constructor(place: UploadPlace) {
    this.#place = place;
  }

  add(files: Iterable<File>): void {
    const free = MAX_ATTACHED - this.uploads.peek().length;
    const all = [...files];
    const added = all.slice(0, free).map((file) => this.#begin(file));
    if (added.length > 0) this.uploads.value = [...this.uploads.peek(), ...added];
    this.said.value =
      added.length < all.length
        ? `A message takes ${MAX_ATTACHED} files; ${all.length - added.length} were left out.`
        : `Uploading ${names(added)}.`;
  }

  remove(upload: Upload): void {
    upload.cancel();
    this.uploads.value = this.uploads.peek().filter((each) => each !== upload);
    this.said.value = `Removed ${upload.name}.`;
  }

  take(): readonly MessageFile[] {
    const files = this.uploads.peek().flatMap(({ state }) => {
      const now = state.peek();
      return now.kind === "done" ? [now.file] : [];
    });
    this.uploads.value = [];
    this.said.value = "";
    return files;
  }

  #begin(file: File): Upload {
    const upload = new Upload(file, this.#place);
    const stop = upload.state.subscribe((state) => {
      if (state.kind === "done") this.said.value = `${upload.name} is uploaded.`;
      if (state.kind === "failed") this.said.value = `${upload.name}: ${state.sentence}`;
      if (state.kind === "done") queueMicrotask(() => stop());
    });
    return upload;
  }
}

function names(uploads: readonly Upload[]): string {
  return uploads.length === 1 ? (uploads[0] as Upload).name : `${uploads.length} files`;
}
