/** How every page is bundled: files named by what they hold, parts apart where they are imported later. */
export const BUNDLE_OPTIONS = {
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  minify: true,
  sourcemap: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox113", "safari16.4"] as string[],
  legalComments: "none",
  logLevel: "warning",
  write: false,
} as const;
