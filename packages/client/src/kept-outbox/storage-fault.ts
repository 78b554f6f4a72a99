/** Why something is not on disk, in a word and a sentence. */
export class StorageFault extends Error {
  readonly code: "quota" | "too-many" | "storage";
  /** Nobody knows whether it was done. */
  readonly isUnknown: boolean;

  constructor(code: StorageFault["code"], message: string, cause?: unknown, isUnknown = false) {
    super(message, { cause });
    this.isUnknown = isUnknown;
    this.code = code;
  }
}

/** Whatever was thrown, as one. */
export function storageFault(error: unknown): StorageFault {
  if (error instanceof StorageFault) return error;
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  if (name === "QuotaExceededError")
    return new StorageFault("quota", "The browser's storage is full.", error);
  return new StorageFault("storage", `The browser's storage failed: ${message || name}.`, error);
}
