import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Acts } from "./acts.tsx";
import { Confirm, type Question } from "./confirm.tsx";
import { Connections } from "./connections.tsx";
import { NOTHING_SEEN, see } from "./figures.ts";
import { Jobs, jobsOf } from "./jobs.tsx";
import { Moderation } from "./moderation.tsx";
import { keepKey, keptKey } from "./kept-key.ts";
import { KeyForm } from "./key-form.tsx";
import { duration } from "./number-words.ts";
import { OperatorApi, type ProcessFigures, Refused } from "./operator-api.ts";
import { Overview } from "./overview.tsx";
import { People } from "./people.tsx";
import { hashOf, type Place, placeOf } from "./place.ts";
import { Room } from "./room.tsx";
import { Rooms } from "./rooms.tsx";

const EVERY_MS = 1_000;

const TABS: readonly (readonly [place: Place, name: string, tabs: readonly Place["tab"][]])[] = [
  [{ tab: "overview" }, "Overview", ["overview"]],
  [{ tab: "rooms" }, "Rooms", ["rooms", "room"]],
  [{ tab: "people", identity: "", find: "" }, "People", ["people"]],
  [{ tab: "connections" }, "Connections", ["connections"]],
  [{ tab: "moderation" }, "Moderation", ["moderation"]],
  [{ tab: "acts" }, "Log", ["acts"]],
];

export function App({ basePath }: { readonly basePath: string }) {
  const [key, setKey] = useState(keptKey);
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  const leave = useCallback((why: string) => {
    keepKey(null);
    setKey(null);
    setFault(why);
  }, []);
  if (key !== null) return <Desk key={key} basePath={basePath} operatorKey={key} onLeave={leave} />;
  const open = (tried: string): void => {
    setBusy(true);
    new OperatorApi(basePath, tried)
      .get("figures")
      .then(
        () => {
          keepKey(tried);
          setFault("");
          setKey(tried);
        },
        (error: unknown) => setFault(error instanceof Error ? error.message : String(error)),
      )
      .finally(() => setBusy(false));
  };
  return <KeyForm fault={fault} isBusy={isBusy} onKey={open} />;
}

function Desk(props: {
  readonly basePath: string;
  readonly operatorKey: string;
  readonly onLeave: (why: string) => void;
}) {
  const { basePath, operatorKey, onLeave } = props;
  const [api] = useState(() => new OperatorApi(basePath, operatorKey));
  const [seen, setSeen] = useState(NOTHING_SEEN);
  const [fault, setFault] = useState("");
  const [question, setQuestion] = useState<Question | null>(null);
  const place = usePlace();
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    let timer = 0;
    let isOver = false;
    const look = async (): Promise<void> => {
      try {
        const { processes } = await api.get<{ processes: readonly ProcessFigures[] }>("figures");
        setSeen((before) => see(before, processes, Date.now()));
        setFault("");
      } catch (error) {
        if (error instanceof Refused && (error.status === 401 || error.status === 403))
          return onLeave(error.message);
        setFault(error instanceof Error ? error.message : String(error));
      }
      if (!isOver) timer = window.setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [api]);
  const { processes } = seen;
  const jobs = jobsOf(processes.map(({ more }) => more));
  const state = processes.find(({ status }) => status.state !== "ready")?.status.state ?? "ready";
  const own = processes[0]?.status;
  const drain = (): void =>
    setQuestion({
      title: "Drain this server?",
      text: "It stops as at SIGTERM: nothing new is taken, what was accepted is stored and answered, everybody is told when to come back, and it ends within 10 s. Whoever watches over it starts it again; where nobody does, it stays down.",
      button: "Drain it",
      act: async () => {
        await api.post("drain", {});
      },
    });
  return (
    <>
      <header class="top">
        <h1>Operator</h1>
        <p class="top-state" role="status">
          {fault === "" ? (
            own !== undefined && (
              <>
                <span class={state === "ready" ? "sign" : "sign is-care"}>{state}</span>
                <span class="hint">
                  {own.version} · up for {duration(own.uptimeMs)}
                </span>
              </>
            )
          ) : (
            <span class="care">{fault} It is asked again each second.</span>
          )}
        </p>
        <button class="button is-danger" type="button" onClick={drain}>
          Drain…
        </button>
        <button class="button" type="button" onClick={() => onLeave("")}>
          Leave
        </button>
      </header>
      <nav class="tabs" aria-label="The operator's page">
        {TABS.map(([to, name, tabs]) => (
          <a key={name} href={hashOf(to)} aria-current={tabs.includes(place.tab) ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <main class="desk" ref={main}>
        <Jobs jobs={jobs} />
        {place.tab === "overview" && <Overview seen={seen} />}
        {place.tab === "rooms" && <Rooms api={api} processes={processes} />}
        {place.tab === "room" && (
          <Room
            key={place.room}
            api={api}
            room={place.room}
            chatUrl={`${basePath}r/${encodeURIComponent(place.room)}`}
            onAsk={setQuestion}
          />
        )}
        {place.tab === "people" && (
          <People api={api} identity={place.identity} find={place.find} jobs={jobs} onAsk={setQuestion} />
        )}
        {place.tab === "connections" && <Connections api={api} processes={processes} onAsk={setQuestion} />}
        {place.tab === "moderation" && <Moderation api={api} />}
        {place.tab === "acts" && <Acts api={api} />}
      </main>
      {question !== null && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const follow = (): void => setPlace(placeOf(location.hash));
    // It may have changed since that was drawn.
    follow();
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return place;
}
