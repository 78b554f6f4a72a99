import type { Act, ContextMessage, HeldShown, Reason, ReportShown } from "@parlor/moderation/shapes";
import { useEffect } from "preact/hooks";
import type { AppModel } from "../../model/app-model.ts";
import { shownBody, wordsOf } from "../../model/message-body.ts";
import { nameOf } from "../../model/moderation/who.ts";
import type { RoomModeration } from "../../model/moderation/room-moderation.ts";
import type { RoomModel } from "../../model/room-model.ts";
import { clockTime } from "../../model/time-words.ts";
import { Author } from "../author.tsx";
import { useDeed } from "./use-deed.ts";

const REASON_WORDS: Readonly<Record<Reason, string>> = {
  spam: "spam",
  abuse: "an attack",
  illegal: "against the law",
  other: "something else",
};
const MAX_CHARACTERS = 2_000;

interface Props {
  readonly model: AppModel;
  readonly room: RoomModel;
  readonly moderation: RoomModeration;
}

/** What waits for a decision: reports with what was said around them, and links of newcomers. */
export function QueueTab(props: Props) {
  const { moderation } = props;
  const deed = useDeed();
  useEffect(() => {
    deed.do(() => moderation.readQueue());
  }, [moderation]);
  const act = (wanted: Act): void => deed.do(() => moderation.act(wanted));
  const queue = moderation.queue.value;
  if (queue === null) return <p class="hint">{deed.fault ?? "Looking…"}</p>;
  const isDone = queue.reports.length + queue.held.length === 0;
  return (
    <>
      <p class="fault" role="alert">
        {deed.fault}
      </p>
      {isDone && <p role="status">Nothing waits for you.</p>}
      {queue.held.map((held) => (
        <Held key={held.id} {...props} held={held} act={act} />
      ))}
      {queue.reports.map((report) => (
        <Report key={report.offset} {...props} report={report} act={act} />
      ))}
    </>
  );
}

function Report(props: Props & { readonly report: ReportShown; readonly act: (act: Act) => void }) {
  const { model, room, report, act } = props;
  const { offset, from } = report;
  return (
    <section class="case" aria-label={`Message ${offset}, reported`}>
      <p class="case-why">
        {report.count === 1 ? "One person reports" : `${report.count} people report`}: {reasonWords(report)}
      </p>
      {report.words.map((words) => (
        <p key={words} class="case-words">
          “<bdi>{words}</bdi>”
        </p>
      ))}
      <div class="context">
        {report.context.map((message) => (
          <Said
            key={message.offset}
            model={model}
            room={room}
            message={message}
            isMeant={message.offset === offset}
          />
        ))}
      </div>
      <div class="deeds">
        <button
          class="button is-small"
          type="button"
          onClick={() => act({ kind: "decide", offset, verdict: "dismiss" })}
        >
          Leave it
        </button>
        <button
          class="button is-small is-care"
          type="button"
          onClick={() => act({ kind: "decide", offset, verdict: "remove" })}
        >
          Remove it
        </button>
        <button
          class="button is-small"
          type="button"
          onClick={() => model.openDialog({ kind: "moderate", offset, from })}
        >
          Do more…
        </button>
      </div>
    </section>
  );
}

function Held(props: Props & { readonly held: HeldShown; readonly act: (act: Act) => void }) {
  const { model, room, held, act } = props;
  return (
    <section class="case" aria-label="A link of a newcomer">
      <p class="case-why">A link of somebody new waits. Only they see it.</p>
      <div class="context">
        <Said model={model} room={room} message={held} isMeant />
      </div>
      <div class="deeds">
        <button
          class="button is-small"
          type="button"
          onClick={() => act({ kind: "let-through", held: held.id })}
        >
          Let it through
        </button>
        <button
          class="button is-small is-care"
          type="button"
          onClick={() => act({ kind: "drop", held: held.id })}
        >
          Drop it
        </button>
      </div>
    </section>
  );
}

function Said(props: {
  readonly model: AppModel;
  readonly room: RoomModel;
  readonly message: Omit<ContextMessage, "offset">;
  readonly isMeant: boolean;
}) {
  const { model, room, message, isMeant } = props;
  const body = shownBody(message.body);
  const named = body.kind === "text" ? body.name : null;
  const words = message.body === null || body.kind === "erased" ? "message erased" : wordsOf(body);
  return (
    <div class={isMeant ? "said is-meant" : "said"}>
      <div class="said-by">
        <Author identity={message.from} name={named ?? nameOf(message.from, model, room)} isOwn={false} />
        <span class="hint">{clockTime(message.at)}</span>
      </div>
      <p class="text" dir="auto">
        {words.slice(0, MAX_CHARACTERS)}
      </p>
    </div>
  );
}

function reasonWords({ reasons }: ReportShown): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${REASON_WORDS[reason as Reason]}${count > 1 ? ` (${count})` : ""}`)
    .join(", ");
}
