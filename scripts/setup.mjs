/**
 * Sets up what a command of this repository needs and lacks:  node scripts/setup.mjs start|test|check|bench|torture
 *
 * Plain JavaScript, so that it runs with nothing installed. It says what it does, one line each, and is
 * silent where there is nothing to do. This file itself is kept to what any Node can read; the work is in
 * scripts/setup/.
 */
const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  console.error(`parlor needs Node 20 or later to set itself up; this is Node ${process.versions.node}.`);
  process.exit(1);
}

import("./setup/main.mjs")
  .then(({ setUp }) => setUp(process.argv[2]))
  .then(
    (exitCode) => process.exit(exitCode),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
