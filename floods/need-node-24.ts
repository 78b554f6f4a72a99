// Imported first: run by its path, this would take whatever Node the PATH has.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `The floods need Node 24; this is Node ${process.versions.node}. Start it by "npm run floods".`,
  );
  process.exit(1);
}
