import { ExportButton } from "./export-button.tsx";
import { MessageList } from "./message-list.tsx";
import { rulesOf } from "./moderation.tsx";
import { bytes, count, moment } from "./number-words.ts";
import type { OperatorApi, RoomDetails } from "./operator-api.ts";
import type { Question } from "./confirm.tsx";
import { OwnerLink } from "./owner-link.tsx";
import { useAsked } from "./use-asked.ts";
import { Who } from "./who.tsx";

/** One room: who is there, what was said last, and what can be done with it. */
export function Room(props: {
  readonly api: OperatorApi;
  readonly room: string;
  readonly chatUrl: string;
  readonly onAsk: (question: Question) => void;
}) {
  const { api, room, chatUrl, onAsk } = props;
  const { answer, fault, again } = useAsked<RoomDetails>(() => api.get("room", { room }), room);
  const remove = (): void =>
    onAsk({
      title: "Delete this room?",
      text: "Its messages, its state and its files are erased, from the disk too, and cannot be brought back. Who has it open is told. Its name may be used again.",
      button: "Delete the room",
      typed: { what: "Type the room's name to go on", text: room },
      act: async () => {
        await api.post("delete-room", { room });
        again();
      },
    });
  return (
    <>
      <p>
        <a href="#rooms">All rooms</a>
      </p>
      <h2>
        <bdi>{room}</bdi>
      </h2>
      <div class="bar">
        <a class="button" href={chatUrl}>
          Open in the chat
        </a>
        <ExportButton key={room} api={api} name="export" params={{ room }} />
        <button class="button" type="button" onClick={again}>
          Refresh
        </button>
        <OwnerLink key={room} api={api} room={room} chatUrl={chatUrl} />
        <button class="button is-danger" type="button" onClick={remove}>
          Delete…
        </button>
      </div>
      <p class="fault" role="alert">
        {fault}
      </p>
      {answer !== null && (
        <>
          <dl class="facts">
            <div>
              <dt>Messages</dt>
              <dd>{count(answer.kept?.messages ?? 0)}</dd>
            </div>
            <div>
              <dt>Size</dt>
              <dd>{bytes(answer.kept?.bytes ?? 0)}</dd>
            </div>
            <div>
              <dt>Last message</dt>
              <dd>{answer.kept === null ? "never" : moment(answer.kept.lastAt)}</dd>
            </div>
            <div>
              <dt>Kept at most</dt>
              <dd>{retentionWords(answer.retention)}</dd>
            </div>
            <div>
              <dt>Offsets</dt>
              <dd>
                {count(answer.earliest)} to {count(answer.head)}
              </dd>
            </div>
            <div>
              <dt>Here now</dt>
              <dd>{count(answer.memberCount)}</dd>
            </div>
            <div>
              <dt>History</dt>
              <dd>
                <code>{answer.epoch}</code>
              </dd>
            </div>
          </dl>
          <h3>Here now</h3>
          {answer.members === null ? (
            <p class="hint">There are so many that they are only counted.</p>
          ) : answer.members.length === 0 ? (
            <p class="empty">Nobody.</p>
          ) : (
            <ul class="people">
              {answer.members.map((identity) => (
                <li key={identity}>
                  <Who identity={identity} />
                </li>
              ))}
            </ul>
          )}
          <h3>What moderators did</h3>
          {answer.rules !== null && <p>Rules: {rulesOf(answer.rules)}.</p>}
          {answer.acts.length === 0 ? (
            <p class="empty">Nothing lately.</p>
          ) : (
            <MessageList messages={answer.acts} />
          )}
          <h3>Said last</h3>
          {answer.newest.length === 0 ? (
            <p class="empty">Nothing.</p>
          ) : (
            <MessageList messages={answer.newest.toReversed()} />
          )}
        </>
      )}
    </>
  );
}

function retentionWords({ messages, days, bytes: size }: RoomDetails["retention"]): string {
  const words: string[] = [];
  if (messages !== null) words.push(`${count(messages)} messages`);
  if (days !== null) words.push(`${count(days)} days`);
  if (size !== null) words.push(bytes(size));
  return words.length === 0 ? "everything" : words.join(", ");
}
