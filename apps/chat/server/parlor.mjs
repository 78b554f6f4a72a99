#!/usr/bin/env node
// The installed command. Plain JavaScript that any Node can read, so that one which is too old for the
// rest hears that in words. The rest is TypeScript in the repository, and JavaScript in what is published,
// where the build names the file as it is called there.
const [major, minor] = process.versions.node.split(".").map(Number);
const isNew = major > 22 || (major === 22 && minor >= 18);
const isBuilt = new URL("./main.ts", import.meta.url).pathname.endsWith(".js");
if (isNew && (isBuilt || process.features.typescript)) {
  await import("./main.ts");
} else {
  process.stderr.write(
    `parlor needs Node 22.18 or later, best Node 24; this is Node ${process.versions.node}.\n`,
  );
  process.exitCode = 2;
}
