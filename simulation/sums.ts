import { faultNames } from "./faults.ts";
import { MIN_FAULTS, MIN_STEPS } from "./run.ts";
import type { Runs } from "./worker.ts";
import { Tally } from "./world/tally.ts";

/** Windows that a run must hit sometimes; a simulation in which one never was has shown too little. */
export const SOMETIMES: readonly string[] = [
  "killed between write and sync",
  "crash left nothing of the unsynced",
  "crash left all of the unsynced",
  "crash left a prefix of the unsynced",
  "crash left some sectors of the unsynced",
  "drained to the end",
  "resumes",
  "resume reads of the log",
  "resume reads kept from others",
  "duplicates answered",
  "lost told",
  "turned out of a room",
  "history pages read",
  "page loaded anew",
];

/** And lively runs besides. */
const LIVELY_SOMETIMES: readonly string[] = [
  "another history told",
  "deleted by the server",
  "deleted while the server was down",
  "continued after a restoration",
  "state set",
  "value told",
  "removal of a key told",
  "somebody came",
  "somebody left",
  "signals heard",
  "signals dropped",
];

const MAX_SHOWN = 4;
const BAR = 40;

/** What many runs came to. */
export class Sums {
  readonly tally = new Tally();
  readonly #isLively: boolean;
  readonly #faults: readonly string[];
  readonly #windows: readonly string[];
  readonly failures: Runs["failures"][number][] = [];
  runs = 0;
  steps = 0;
  fewestSteps = Infinity;
  fewestFaults = Infinity;
  /** Runs by their number of faults. */
  readonly byFaults = new Map<number, number>();

  constructor(isLively: boolean) {
    this.#isLively = isLively;
    this.#faults = faultNames(isLively);
    this.#windows = isLively ? [...SOMETIMES, ...LIVELY_SOMETIMES] : SOMETIMES;
  }

  take({ counts, sizes, failures }: Runs): void {
    this.tally.addAll(counts);
    this.failures.push(...failures);
    for (const { steps, faults } of sizes) {
      this.runs += 1;
      this.steps += steps;
      this.fewestSteps = Math.min(this.fewestSteps, steps);
      this.fewestFaults = Math.min(this.fewestFaults, faults);
      this.byFaults.set(faults, (this.byFaults.get(faults) ?? 0) + 1);
    }
  }

  /** Faults and windows that no run had. */
  get missed(): readonly string[] {
    return [...this.#faults, ...this.#windows].filter((name) => this.tally.of(name) === 0);
  }

  get isSound(): boolean {
    return (
      this.failures.length === 0 &&
      this.missed.length === 0 &&
      this.fewestSteps >= MIN_STEPS &&
      this.fewestFaults >= MIN_FAULTS
    );
  }

  /** For people: the histogram, what was done and hit, and each failing seed with how to see it again. */
  get lines(): readonly string[] {
    const most = Math.max(...this.byFaults.values());
    const counted = (names: readonly string[]): string =>
      names.map((name) => `${this.tally.of(name)} ${name}`).join(", ");
    return [
      `${this.runs} runs, ${this.steps} steps (at least ${this.fewestSteps} a run), at least ${this.fewestFaults} faults a run:`,
      ...[...this.byFaults]
        .sort(([a], [b]) => a - b)
        .map(
          ([faults, runs]) =>
            `${String(faults).padStart(4)} faults ${"█".repeat(Math.ceil((runs / most) * BAR)).padEnd(BAR)} ${runs}`,
        ),
      `faults: ${counted(this.#faults)}`,
      `windows hit: ${counted(this.#windows)}`,
      `${this.tally.of("acked")} publishes acked, ${this.tally.of("deliveries")} deliveries checked`,
      ...this.missed.map((name) => `NEVER HAPPENED ${name}`),
      ...this.failures.flatMap(({ seed, violations }) => [
        `VIOLATED by seed ${seed}: npm run simulate --${this.#isLively ? " --lively" : ""} --seed ${seed}`,
        ...violations.slice(0, MAX_SHOWN).map((each) => `   ${each}`),
        ...(violations.length > MAX_SHOWN ? [`   and ${violations.length - MAX_SHOWN} more`] : []),
      ]),
      `${this.failures.length} failing seeds${this.isSound ? ": nothing was lost, nothing came twice" : ""}`,
    ];
  }
}
