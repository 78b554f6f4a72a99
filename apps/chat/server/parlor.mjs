#!/usr/bin/env node
// The installed command. Plain JavaScript that any Node can read, so that one which is too old for the
// rest, which is TypeScript, hears that in words.
if (process.features.typescript) {
  await import("./main.ts");
} else {
  process.stderr.write(
    `parlor needs Node 22.18 or later, best Node 24; this is Node ${process.versions.node}.\n`,
  );
  process.exitCode = 2;
}
