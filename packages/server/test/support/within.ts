/** How long a test waits for what must come, ms. A bound, not a pause: nobody waits it out in a run that passes. */
const PATIENCE_MS = 20_000;

/** Rejects with a sentence where `promise` does not settle in time, so that a test that fails says at what. */
export async function within<T>(
  promise: Promise<T>,
  what: string | (() => string),
  patienceMs = PATIENCE_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${patienceMs} ms for ${typeof what === "string" ? what : what()}`));
    }, patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
