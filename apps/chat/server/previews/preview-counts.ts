/** What became of a message with a link to a page that may be looked at. */
export type PreviewResult =
  /** It has a preview. */
  | "made"
  /** The page says nothing of itself. */
  | "nothing"
  /** The page could not be had: not there, no page, too slow, or led elsewhere. */
  | "failed"
  /** It was not asked for: its host's last one could not be had. */
  | "left-alone"
  /** Its turn came too late: others before it were slow. */
  | "late";

const RESULTS = [
  "made",
  "nothing",
  "failed",
  "left-alone",
  "late",
] as const satisfies readonly PreviewResult[];

const NAME = "parlor_previews_total";

/** How often each came about, for `/metrics`. */
export class PreviewCounts {
  readonly #counts = new Map<PreviewResult, number>();

  add(result: PreviewResult): void {
    this.#counts.set(result, (this.#counts.get(result) ?? 0) + 1);
  }

  /** In Prometheus' text format. */
  get text(): string {
    const lines = RESULTS.map((result) => `${NAME}{result="${result}"} ${this.#counts.get(result) ?? 0}\n`);
    return `# HELP ${NAME} Messages with a link to a page that may be looked at, by what came of it.\n# TYPE ${NAME} counter\n${lines.join("")}`;
  }
}
