/**
 * The arguments with which tests start Chromium: without a sandbox, since containers have none to give, and
 * without what speaks to others than the page under test.
 */
export const CHROMIUM_ARGS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
