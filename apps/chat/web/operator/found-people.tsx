import { useEffect, useState } from "preact/hooks";
import { displayName } from "../model/display-name.ts";
import { identityMark } from "../model/identity-mark.ts";
import { count } from "./number-words.ts";
import type { OperatorApi, PeopleLine, Person } from "./operator-api.ts";
import { Who } from "./who.tsx";

const MAX_SHOWN = 100;

interface Looking {
  readonly found: ReadonlyMap<string, Person>;
  readonly line: PeopleLine | null;
  readonly isDone: boolean;
  readonly fault: string;
}

/** Everybody who wrote in any room, and whose tag or identity begins with what is looked for, or whose name holds it. */
export function FoundPeople({ api, find }: { readonly api: OperatorApi; readonly find: string }) {
  const [looking, setLooking] = useState<Looking>({ found: new Map(), line: null, isDone: false, fault: "" });
  useEffect(() => {
    const abort = new AbortController();
    void look(api, find, abort.signal, setLooking);
    return () => abort.abort();
  }, [find]);
  const { found, line, isDone, fault } = looking;
  return (
    <>
      <p class="fault" role="alert">
        {fault}
      </p>
      <p class="hint" role="status">
        {wordsOf(looking)}
      </p>
      {line !== null && !isDone && (
        <progress max={line.totalMessages} value={line.messages} aria-label="Messages looked at" />
      )}
      <ul class="found">
        {[...found.values()].slice(0, MAX_SHOWN).map(({ identity, name }) => (
          <li key={identity}>
            <bdi>{displayName(name) ?? ""}</bdi> <Who identity={identity} />
          </li>
        ))}
      </ul>
    </>
  );
}

function wordsOf({ found, line, isDone }: Looking): string {
  if (line === null) return isDone ? "There is no room yet." : "Looking…";
  const people = found.size === 1 ? "1 person" : `${count(found.size)} people`;
  if (!isDone)
    return `${people} so far; ${count(line.messages)} of ${count(line.totalMessages)} messages looked at.`;
  const shown = found.size > MAX_SHOWN ? `; the first ${MAX_SHOWN} are shown` : "";
  const rest = line.isFull ? ", where so many write that not all were looked through" : "";
  return `${people}, among ${count(line.messages)} messages${rest}${shown}.`;
}

async function look(
  api: OperatorApi,
  find: string,
  signal: AbortSignal,
  show: (looking: Looking) => void,
): Promise<void> {
  const wanted = find.toLocaleLowerCase();
  const found = new Map<string, Person>();
  let line: PeopleLine | null = null;
  let isDone = false;
  let shownAt = 0;
  try {
    for await (const text of api.lines("people", {}, signal)) {
      const said = JSON.parse(text) as PeopleLine | { readonly isDone: true };
      if ("isDone" in said) isDone = true;
      else {
        line = said;
        for (const person of said.people) if (isMeant(person, wanted)) found.set(person.identity, person);
      }
      // A frame's worth of lines at a time.
      if (performance.now() - shownAt < 50 && !isDone) continue;
      shownAt = performance.now();
      if (!signal.aborted) show({ found: new Map(found), line, isDone, fault: "" });
    }
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    if (!signal.aborted) show({ found, line, isDone, fault });
  }
}

function isMeant({ identity, name }: Person, wanted: string): boolean {
  return (
    identityMark(identity).tag.startsWith(wanted) ||
    identity.toLocaleLowerCase().startsWith(wanted) ||
    name.toLocaleLowerCase().includes(wanted)
  );
}
