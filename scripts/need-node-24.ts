// Imported first by every entry point: a bare `node scripts/x.ts` takes whatever Node the PATH has.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `This needs Node 24, which npm ci puts into node_modules/.bin; this is Node ${process.versions.node}. ` +
      'Run it by "npm run", or put node_modules/.bin in front of the PATH.',
  );
  process.exit(1);
}
