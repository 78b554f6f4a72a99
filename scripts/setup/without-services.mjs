import { existsSync, rmSync, writeFileSync } from "node:fs";

/** What Debian's packages ask before they start the service that they bring. */
const POLICY = "/usr/sbin/policy-rc.d";

/** Runs a task during which packages start no service: tests run nginx by themselves, on a port of their own. */
export async function withoutServices(task, policy = POLICY) {
  // A machine that has a policy of its own, as containers do, keeps it.
  if (existsSync(policy)) return task();
  // It says no only as long as this process lives: whoever kills it must not be left with a silent no.
  writeFileSync(policy, `#!/bin/sh\nkill -0 ${process.pid} 2>/dev/null && exit 101\nexit 0\n`, {
    mode: 0o755,
  });
  try {
    return await task();
  } finally {
    rmSync(policy, { force: true });
  }
}
