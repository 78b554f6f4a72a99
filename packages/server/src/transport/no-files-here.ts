import type { HttpError } from "./http-answer.ts";

/** The answer about files of a server that keeps none. */
export const NO_FILES_HERE: HttpError = {
  code: "unknown-frame",
  message: "This server takes no files.",
};
