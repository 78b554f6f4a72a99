import { systemClock } from "@parlor/base";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { dayOf } from "../model/day.ts";
import { GUEST } from "../model/display-name.ts";
import { identityMark } from "../model/identity-mark.ts";
import { type FoundMessage, MessageSearch } from "../model/message-search.ts";
import { roomLabel } from "../model/room-label.ts";
import { clockTime, dayWords } from "../model/time-words.ts";
import { Dialog } from "./dialog.tsx";

/** Rooms that the server searches at one time. */
const MAX_ROOMS = 200;

/** Looks for messages as one types; what is found opens in its place. */
export function FindDialog({ model, onClose }: { readonly model: AppModel; readonly onClose: () => void }) {
  const search = useMemo(() => new MessageSearch((asked) => model.search(asked), systemClock), [model]);
  const [text, setText] = useState("");
  const [isEverywhere, setEverywhere] = useState(model.room.peek() === null);
  const [from, setFrom] = useState("");
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const results = useRef<HTMLOListElement>(null);
  const here = model.room.value?.name ?? null;
  const state = search.state.value;
  const hits = state.kind === "found" ? state.found.hits : [];
  useEffect(() => () => search.close(), [search]);
  useEffect(() => {
    const yours = model.rooms.listed.peek().map(({ name }) => name);
    const rooms =
      isEverywhere || here === null ? [...new Set([...(here === null ? [] : [here]), ...yours])] : [here];
    search.look({
      text,
      rooms: rooms.slice(0, MAX_ROOMS),
      from: from === "" ? null : from,
      since: dayStart(since, 0),
      until: dayStart(until, 1),
    });
  }, [search, text, isEverywhere, from, since, until, here]);

  const walk = (event: KeyboardEvent): void => {
    // In such a field a browser would only empty it.
    if (event.key === "Escape" && event.target instanceof HTMLInputElement) {
      event.preventDefault();
      return event.target.closest("dialog")?.close();
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const links = [...(results.current?.querySelectorAll<HTMLElement>("a") ?? [])];
    const at = links.indexOf(event.target as HTMLElement);
    const isField = event.target instanceof HTMLInputElement && event.target.type === "search";
    if (step === 0 || (at === -1 && !isField) || (isField && step === -1)) return;
    event.preventDefault();
    const next =
      at + step < 0 ? document.getElementById("find-text") : links[Math.min(at + step, links.length - 1)];
    next?.focus();
  };

  return (
    <Dialog title="Find messages" onClose={onClose}>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- it hears the keys of what is in it */}
      <div class="find" onKeyDown={walk}>
        <label class="field">
          <span class="unseen">Words, or "a phrase"</span>
          <input
            id="find-text"
            type="search"
            placeholder={'Words, or "a phrase"'}
            maxLength={200}
            autocomplete="off"
            autofocus
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <div class="find-narrow">
          <label class="field">
            Where
            <select
              value={isEverywhere ? "all" : "here"}
              onChange={(event) => setEverywhere(event.currentTarget.value === "all")}
            >
              {here !== null && <option value="here">This room</option>}
              <option value="all">All your rooms</option>
            </select>
          </label>
          <label class="field">
            By
            <select value={from} onChange={(event) => setFrom(event.currentTarget.value)}>
              <option value="">Anybody</option>
              {authors(model, hits, from).map(([identity, name]) => (
                <option key={identity} value={identity}>
                  {name} {identityMark(identity).tag}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            From
            <input type="date" value={since} onInput={(event) => setSince(event.currentTarget.value)} />
          </label>
          <label class="field">
            To
            <input type="date" value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
          </label>
        </div>
        <p class="find-count" role="status">
          {words(search, hits)}
        </p>
        <ol class="find-results" ref={results} aria-label="Found messages" aria-busy={search.isAsking.value}>
          {hits.map((hit) => (
            <Hit key={`${hit.offset} ${hit.room}`} hit={hit} model={model} here={here} onOpen={onClose} />
          ))}
        </ol>
      </div>
    </Dialog>
  );
}

function Hit(props: {
  readonly hit: FoundMessage;
  readonly model: AppModel;
  readonly here: string | null;
  readonly onOpen: () => void;
}) {
  const { hit, model, here, onOpen } = props;
  const address = model.messageAddress(hit.room, hit.offset);
  const open = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onOpen();
    model.goToRoom(address);
  };
  return (
    <li>
      <a href={address} onClick={open}>
        <span class="find-where">
          <bdi>{hit.name ?? GUEST}</bdi>
          <span class="tag">{identityMark(hit.from).tag}</span>
          {hit.room !== here && (
            <>
              {" in "}
              <bdi>{roomLabel(hit.room)}</bdi>
            </>
          )}
          <time dateTime={new Date(hit.at).toISOString()}>
            {dayWords(dayOf(hit.at), model.today.value)} {clockTime(hit.at)}
          </time>
        </span>
        <bdi class="find-text">
          {hit.parts.map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part))}
        </bdi>
      </a>
    </li>
  );
}

/** Those who are here and those who wrote what was found, by name. */
function authors(model: AppModel, hits: readonly FoundMessage[], chosen: string): [string, string][] {
  const names = new Map<string, string>();
  const self = model.self.value.identity;
  for (const { from, name } of hits) names.set(from, name ?? GUEST);
  for (const { identity, name } of model.people.present.value.people ?? [])
    names.set(identity, name ?? GUEST);
  if (self !== null) names.set(self, `${model.name} (you)`);
  if (chosen !== "" && !names.has(chosen)) names.set(chosen, GUEST);
  return [...names].sort(([, a], [, b]) => a.localeCompare(b));
}

function words(search: MessageSearch, hits: readonly FoundMessage[]): string {
  const state = search.state.value;
  if (state.kind === "failed") return state.sentence;
  if (state.kind === "idle") return "";
  if (hits.length === 0) return search.isAsking.value ? "" : "Nothing was found.";
  const count = `${hits.length} ${hits.length === 1 ? "message" : "messages"}`;
  return state.found.more ? `The best ${count}; there are more.` : count;
}

/** The beginning of a day in the reader's own time, or of the day so many behind it. */
function dayStart(day: string, plus: number): number | null {
  const [year, month, date] = day.split("-").map(Number);
  if (year === undefined || month === undefined || date === undefined || year < 1970) return null;
  const ms = new Date(year, month - 1, date + plus).getTime();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
