import type { CaseResult } from "./page/suite-case.ts";
import type { SubjectName, SubjectResults } from "./suite-stage.ts";

export interface SuiteRun {
  /** Such as `2026-11-28`. */
  readonly day: string;
  readonly browser: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly results: ReadonlyMap<SubjectName, SubjectResults>;
}

/** The page of documentation that says what became of every case. */
export function suitePage({ day, browser, versions, results }: SuiteRun): string {
  const all = [...results].map(([subject, { window, worker }]) => ({
    subject,
    cases: [...marked(window, "window"), ...marked(worker, "worker")],
  }));
  const groups = [...new Set(all.flatMap(({ cases }) => cases.map(({ group }) => group)))];
  const score = (cases: readonly MarkedResult[]): string => {
    const passed = cases.filter(({ fault }) => fault === null).length;
    return passed === cases.length ? `**${passed}** of ${cases.length}` : `${passed} of ${cases.length}`;
  };
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rows = [
    row(["cases of", ...all.map(({ subject }) => subject)]),
    row(["---", ...all.map(() => "---:")]),
    ...groups.map((group) =>
      row([group, ...all.map(({ cases }) => score(cases.filter((each) => each.group === group)))]),
    ),
    row(["**all**", ...all.map(({ cases }) => score(cases))]),
  ];
  const failures = all
    .filter(({ subject }) => subject === "native" || subject.startsWith("ParlorSocket"))
    .map(({ subject, cases }) => {
      const failed = cases.filter(({ fault }) => fault !== null);
      const lines = failed.map(({ where, group, name, fault }) => `- ${where}, ${group}: ${name} (${fault})`);
      return `${subject}:\n\n${lines.length === 0 ? "- none" : lines.join("\n")}`;
    });
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `# The WebSocket cases

What the WebSocket standard, RFC 6455 and Web IDL promise a page of a \`WebSocket\`, as cases of our own writing, each run
in a window and in a worker of a real browser. \`ParlorSocket\` is the class by its name, \`ParlorSocket.resuming\` the one
that takes the global's place; the last group are rooms of a Parlor server, where the latter resumes, and all others
talk to the plain room.

This page is written by \`node bench/websocket-suite/write-table.ts\`; it ran on ${day} in ${browser} with
${peers.join(" and ")}.
\`bench/websocket-suite/e2e/websocket-suite.e2e.ts\` holds at every test run that \`ParlorSocket.resuming\` fails nothing that the
browser's own class passes.

${rows.join("\n")}

Who comes back by reconnecting underneath has other promises than a \`WebSocket\`, and its own way to say them: that
a peer passes few cases says how little of a page may stay as it was, not that it does not reconnect.

## What fails

${failures.join("\n\n")}

## What no script can give

Events of a socket that resumes are made by a script, so their \`isTrusted\` is false, and two listeners of one of them run
without microtasks between them. Everywhere else a \`ParlorSocket\` is the platform's own object, and so are its events.
`;
}

interface MarkedResult extends CaseResult {
  readonly where: string;
}

function marked(results: readonly CaseResult[], where: string): MarkedResult[] {
  return results.map((result) => ({ ...result, where }));
}
