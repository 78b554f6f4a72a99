/** What tabs share a connection over, and what the browser has for it. */
export const WAYS = {
  "a shared worker": { workers: true, locks: true },
  "a tab that holds a lock": { workers: false, locks: true },
  "a tab that holds a lease": { workers: false, locks: false },
} as const;
