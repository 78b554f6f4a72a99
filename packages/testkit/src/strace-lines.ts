/** A system call as `strace -f -y` shows it. */
export interface SystemCall {
  readonly thread: string;
  readonly name: string;
  /** What the descriptor in the first argument stands for, as `-y` says; empty where it is none. */
  readonly path: string;
  /** All strings among its arguments, one behind the other, each byte a character. */
  readonly data: string;
  /** The whole numbers among its arguments behind the first, such as a length and an offset. */
  readonly numbers: readonly number[];
  /** What it returned; null where the trace ended before. */
  readonly result: number | null;
  /** Place in the trace of its entry, and of its return; of two calls the order of these is the truth. */
  readonly enteredAt: number;
  readonly returnedAt: number;
}

interface OpenCall {
  readonly text: string;
  readonly enteredAt: number;
}

/**
 * Reads the output of `strace -f -y -ttt -s 65536 -e trace=…`, also from several threads, whose calls
 * strace cuts into `<unfinished ...>` and `<... resumed>`. Lines that are no calls are left out.
 */
export function parseStrace(trace: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const open = new Map<string, OpenCall>();
  for (const [at, line] of trace.split("\n").entries()) {
    const match = /^(?:\[pid\s+(\d+)\]\s*|(\d+)\s+)?(?:\d+\.\d+\s+)?(.*)$/.exec(line);
    const thread = match?.[1] ?? match?.[2] ?? "";
    const text = match?.[3] ?? "";
    if (text.endsWith("<unfinished ...>")) {
      open.set(thread, { text: text.slice(0, -"<unfinished ...>".length).trimEnd(), enteredAt: at });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    const begun = resumed === null ? undefined : open.get(thread);
    if (resumed !== null) open.delete(thread);
    if (resumed !== null && begun === undefined) continue;
    const whole = begun === undefined ? text : begun.text + (resumed?.[1] ?? "");
    const call = parseCall(thread, whole, begun?.enteredAt ?? at, at);
    if (call !== null) calls.push(call);
  }
  for (const [thread, { text, enteredAt }] of open) {
    const call = parseCall(thread, text, enteredAt, Infinity);
    if (call !== null) calls.push(call);
  }
  return calls;
}

function parseCall(thread: string, text: string, enteredAt: number, returnedAt: number): SystemCall | null {
  const name = /^(\w+)\(/.exec(text)?.[1];
  if (name === undefined) return null;
  const rest = text.slice(name.length + 1);
  const { data, outside } = cutStrings(rest);
  const result = /^.*\)\s+=\s+(-?\d+)/.exec(outside)?.[1];
  return {
    thread,
    name,
    path: /^\d+<([^>]*)>/.exec(rest)?.[1] ?? "",
    data,
    numbers: numbersOf(outside),
    result: result === undefined ? null : Number(result),
    enteredAt,
    returnedAt,
  };
}

function numbersOf(outside: string): number[] {
  const end = outside.lastIndexOf(")");
  const args = outside.slice(0, end < 0 ? outside.length : end).replaceAll(/<[^>]*>/g, "");
  return args
    .split(", ")
    .slice(1)
    .filter((arg) => /^-?\d+$/.test(arg))
    .map(Number);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  v: "\v",
  f: "\f",
  a: "\x07",
  b: "\b",
};

/** Takes the strings out of a call's text, so that what they hold can't be mistaken for the call's result. */
function cutStrings(text: string): { data: string; outside: string } {
  let data = "";
  const outside = text.replaceAll(/"((?:[^"\\]|\\.)*)"/g, (_, content: string) => {
    data += content.replaceAll(/\\([0-7]{1,3}|x[0-9a-f]{2}|.)/g, (__, escape: string) => {
      if (escape.startsWith("x") && escape.length === 3)
        return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8));
      return ESCAPES[escape] ?? escape;
    });
    return '""';
  });
  return { data, outside };
}
