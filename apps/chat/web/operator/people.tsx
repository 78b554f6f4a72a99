import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Question } from "./confirm.tsx";
import { ExportButton } from "./export-button.tsx";
import { FoundPeople } from "./found-people.tsx";
import { type ListedMessage, MessageList } from "./message-list.tsx";
import { count } from "./number-words.ts";
import type { FoundLine, Job, ModerationSeen, OperatorApi } from "./operator-api.ts";
import { hashOf } from "./place.ts";
import { Who } from "./who.tsx";

interface Search {
  readonly messages: readonly ListedMessage[];
  readonly line: FoundLine | null;
  readonly isDone: boolean;
  readonly fault: string;
}

/** As a browser's key has it; those of a host may be anything, and are found by their beginning. */
const IDENTITY = /^[\w-]{22}$/;

const NOTHING: Search = { messages: [], line: null, isDone: false, fault: "" };

/** What one person wrote, wherever; with a copy of it for them, and an end to it. */
export function People(props: {
  readonly api: OperatorApi;
  /** Of one person; "" for nobody. */
  readonly identity: string;
  /** Who is looked for by tag or name; "" for nobody. */
  readonly find: string;
  readonly jobs: readonly Job[];
  readonly onAsk: (question: Question) => void;
}) {
  const { api, identity, find, jobs, onAsk } = props;
  // What was erased is looked at again.
  const erased = jobs.filter(
    ({ kind, of, state }) => kind === "erase" && of === identity && state === "done",
  ).length;
  const [written, setWritten] = useState(identity || find);
  const [search, setSearch] = useState<Search>(NOTHING);
  const [times, setTimes] = useState(0);
  // With what is drawn, and not behind it: what somebody types meanwhile would be gone.
  useLayoutEffect(() => setWritten(identity || find), [identity, find]);
  useEffect(() => {
    setSearch(NOTHING);
    if (identity === "") return undefined;
    const abort = new AbortController();
    void readAll(api, identity, abort.signal, setSearch);
    return () => abort.abort();
  }, [identity, find, times, erased]);
  const erase = (): void =>
    onAsk({
      title: "Erase all that this person wrote?",
      text: "The bodies of their messages, what they said about others', their files and the values that they set are erased in every room, from the disk too. That they wrote, where and when stays. What they write from now on is not kept back: ban them first.",
      button: "Erase everything",
      typed: { what: "Type the first four characters of the identity to go on", text: identity.slice(0, 4) },
      act: async () => {
        await api.post("erase", { identity });
      },
    });
  const ban = (): void =>
    onAsk({
      title: "Ban this person from all rooms?",
      text: "They read and write nowhere on this server until it is lifted, under Moderation. Who comes with another key is another person; a range of addresses can be banned there.",
      button: "Ban from all rooms",
      act: async () => {
        const { everywhere } = await api.get<ModerationSeen>("moderation");
        const act = { kind: "ban", identity, forMs: null, address: false };
        await api.post("act", { room: everywhere, act });
      },
    });
  const { messages, line, isDone, fault } = search;
  return (
    <>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = written.trim();
          location.hash = hashOf(
            IDENTITY.test(wanted)
              ? { tab: "people", identity: wanted, find: "" }
              : { tab: "people", identity: "", find: wanted },
          );
        }}
      >
        <label class="field">
          Identity, tag or name
          <input
            value={written}
            placeholder="As in a message's `from`, or beside a name"
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => setWritten(event.currentTarget.value)}
          />
        </label>
        <button class="button" type="submit">
          Find
        </button>
      </form>
      {identity === "" && find !== "" && <FoundPeople key={find} api={api} find={find} />}
      {identity === "" ? (
        find === "" && (
          <p class="hint">
            People are found by who wrote a message: click on one in a room, or on a connection.
          </p>
        )
      ) : (
        <>
          <h2>
            <Who identity={identity} />
          </h2>
          <div class="bar">
            <ExportButton key={identity} api={api} name="export-identity" params={{ identity }} />
            <button class="button" type="button" onClick={() => setTimes(times + 1)}>
              Look again
            </button>
            <button class="button is-danger" type="button" onClick={ban}>
              Ban…
            </button>
            <button class="button is-danger" type="button" onClick={erase}>
              Erase everything…
            </button>
          </div>
          <p class="fault" role="alert">
            {fault}
          </p>
          <p class="hint" role="status">
            {wordsOf(line, isDone)}
          </p>
          {line !== null && !isDone && (
            <progress max={line.totalMessages} value={line.messages} aria-label="Messages looked at" />
          )}
          <MessageList messages={messages} />
          {line !== null && line.count > messages.length && (
            <p class="hint">The first {count(messages.length)} are shown; the export has all.</p>
          )}
        </>
      )}
    </>
  );
}

function wordsOf(line: FoundLine | null, isDone: boolean): string {
  if (line === null) return isDone ? "There is no room yet." : "Looking…";
  const found = `${count(line.count)} of their messages`;
  return isDone
    ? `${found}, among ${count(line.messages)} in ${count(line.rooms)} ${line.rooms === 1 ? "room" : "rooms"}.`
    : `${found} so far; ${count(line.messages)} of ${count(line.totalMessages)} looked at.`;
}

async function readAll(
  api: OperatorApi,
  identity: string,
  signal: AbortSignal,
  show: (search: Search) => void,
): Promise<void> {
  let search = NOTHING;
  let shownAt = 0;
  try {
    for await (const line of api.lines("written", { identity }, signal)) {
      const said = JSON.parse(line) as FoundLine | { readonly isDone: true };
      if ("isDone" in said) search = { ...search, isDone: true };
      else {
        const found = said.found.map((message) => ({ ...message, room: said.room }));
        search = {
          ...search,
          line: said,
          messages: found.length === 0 ? search.messages : [...search.messages, ...found],
        };
      }
      // A frame's worth of lines at a time.
      if (performance.now() - shownAt < 50 && !search.isDone) continue;
      shownAt = performance.now();
      if (!signal.aborted) show(search);
    }
  } catch (error) {
    if (!signal.aborted) show({ ...search, fault: error instanceof Error ? error.message : String(error) });
  }
}
