/**
 * Decides whether commits are worth spacing out.
 *
 * A commit costs the same whether it holds one message or twenty: a sync, and a crossing between
 * threads each way. A thousand messages a second that come one by one make a thousand commits, each with
 * hardly anything in it. Spaced by 5 ms they make two hundred, and nobody who publishes at a pace of
 * their own notices. Whoever waits for one answer before the next publish would: so spacing begins only
 * where publishes overlap, and ends at once where it makes fewer of them come.
 *
 * It is told what happens and looks at it in windows of 50 ms. An idle log, one caller after another, and
 * groups that are large by themselves are never spaced.
 */
export class CommitPace {
  #windowStartMs = -Infinity;
  #appends = 0;
  #overlapping = 0;
  #groups = 0;
  /** Windows of late in which spacing would have helped. */
  #oftenWindows = 0;
  #isSpacing = false;
  /** Appends of the window before; while spacing, what must go on coming. */
  #reference = 0;
  #restWindows = 0;
  #nextRestWindows = MIN_REST_WINDOWS;

  /** How long the next group gathers, ms; 0 for not at all. */
  get delayMs(): number {
    return this.#isSpacing ? SPACING_MS : 0;
  }

  /** An append came; `overlaps` where another one is on its way to the disk. */
  noteAppend(overlaps: boolean, nowMs: number): void {
    if (nowMs - this.#windowStartMs >= WINDOW_MS) this.#look(nowMs);
    this.#appends += 1;
    if (overlaps) this.#overlapping += 1;
  }

  noteGroup(): void {
    this.#groups += 1;
  }

  #look(nowMs: number): void {
    // A window that nobody closed in time was quiet, and says nothing.
    const isWhole = nowMs - this.#windowStartMs < 2 * WINDOW_MS;
    if (this.#isSpacing) this.#judgeSpacing(isWhole);
    else this.#judgeRunning(isWhole);
    this.#reference = this.#appends;
    this.#windowStartMs = nowMs;
    this.#appends = 0;
    this.#overlapping = 0;
    this.#groups = 0;
  }

  #judgeRunning(isWhole: boolean): void {
    if (this.#restWindows > 0) {
      this.#restWindows -= 1;
      return;
    }
    const isOften = isWhole && this.#groups >= OFTEN_GROUPS;
    const isThin = this.#appends < this.#groups * THIN_GROUP;
    const isShared = this.#overlapping >= this.#appends * SHARED_PART;
    // A burst is over before it is worth it, and whoever stands beside it would wait.
    this.#oftenWindows =
      isOften && isThin && isShared ? this.#oftenWindows + 1 : Math.max(0, this.#oftenWindows - 2);
    this.#isSpacing = this.#oftenWindows >= LASTING_WINDOWS;
    if (this.#isSpacing) this.#oftenWindows = 0;
  }

  #judgeSpacing(isWhole: boolean): void {
    const isSlowedDown = !isWhole || this.#appends < this.#reference * KEPT_PART;
    const isDense = this.#appends > this.#groups * DENSE_GROUP;
    // Fewer than would be spaced by now: each may have a commit of its own again.
    const isSeldom = this.#appends < OFTEN_GROUPS;
    if (!isSlowedDown && !isDense && !isSeldom) {
      this.#nextRestWindows = MIN_REST_WINDOWS;
      return;
    }
    this.#isSpacing = false;
    if (!isSlowedDown) return;
    this.#restWindows = this.#nextRestWindows;
    this.#nextRestWindows = Math.min(MAX_REST_WINDOWS, this.#nextRestWindows * 2);
  }
}

const SPACING_MS = 5;
const WINDOW_MS = 50;
/**
 * Groups in a window from which spacing is worth a thought: 500 a second, which are a seventh of a core. Fewer
 * cost less than the 5 ms that everybody would wait for them, those too who publish once a minute.
 */
const OFTEN_GROUPS = 25;
/** Windows that it has to last: 1 s. */
const LASTING_WINDOWS = 20;
/** Messages in a group below which it is thin, and above which it needs no help. */
const THIN_GROUP = 4;
const DENSE_GROUP = 16;
/** Part of the appends that must overlap with another one. */
const SHARED_PART = 0.05;
/** Part of the appends that must go on coming while commits are spaced. */
const KEPT_PART = 0.5;
/** How long spacing is not tried again where it slowed its callers down: 1 s, then longer, up to 25 s. */
const MIN_REST_WINDOWS = 20;
const MAX_REST_WINDOWS = 500;
