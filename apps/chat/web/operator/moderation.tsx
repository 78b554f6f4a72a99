import { useState } from "preact/hooks";
import { BanForm } from "./ban-form.tsx";
import { count, moment } from "./number-words.ts";
import type { ModerationSeen, OperatorApi } from "./operator-api.ts";
import { RoomName } from "./room-name.tsx";
import { textOf } from "./text-of.ts";
import { useAsked } from "./use-asked.ts";
import { Who } from "./who.tsx";

/** What waits for a decision in whatever room, who is kept out, and what rooms' rules are. */
export function Moderation({ api }: { readonly api: OperatorApi }) {
  const { answer, fault, again } = useAsked<ModerationSeen>(() => api.get("moderation"), "");
  const [failed, setFailed] = useState("");
  const act = (room: string, what: object): void => {
    api.post("act", { room, act: what }).then(
      () => {
        setFailed("");
        again();
      },
      (error: unknown) => setFailed(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <>
      <div class="bar">
        <button class="button" type="button" onClick={again}>
          Refresh
        </button>
      </div>
      <p class="fault" role="alert">
        {failed === "" ? fault : failed}
      </p>
      {answer !== null && (
        <>
          <Waiting seen={answer} act={act} />
          <h2>Keep somebody out of all rooms</h2>
          <BanForm onBan={(what) => act(answer.everywhere, what)} />
          <Sanctions seen={answer} act={act} />
          <Rules seen={answer} />
        </>
      )}
    </>
  );
}

interface Part {
  readonly seen: ModerationSeen;
  readonly act: (room: string, what: object) => void;
}

function Waiting({ seen: { reports, held }, act }: Part) {
  return (
    <>
      <h2>Reports</h2>
      {reports.length === 0 && <p class="empty">None is open.</p>}
      <ol class="said">
        {reports.map(({ room, offset, count: times, reasons, words, firstAt, from, context }) => (
          <li key={`${room}/${offset}`}>
            <p class="said-head">
              <RoomName room={room} />
              <span class="hint">
                {count(times)} × {Object.keys(reasons).join(", ")} · since {moment(firstAt)}
              </span>
            </p>
            {context.map((message) => (
              <p
                key={message.offset}
                class={message.offset === offset ? "said-text is-meant" : "said-text hint"}
              >
                <bdi>{textOf(message.body)}</bdi>
              </p>
            ))}
            {words.map((each, index) => (
              <p key={index} class="hint">
                “<bdi>{each}</bdi>”
              </p>
            ))}
            <div class="bar">
              <Who identity={from} />
              <button
                class="button is-small"
                type="button"
                onClick={() => act(room, { kind: "decide", offset, verdict: "dismiss" })}
              >
                Dismiss
              </button>
              <button
                class="button is-small is-danger"
                type="button"
                onClick={() => act(room, { kind: "decide", offset, verdict: "remove" })}
              >
                Remove the message
              </button>
              <button
                class="button is-small is-danger"
                type="button"
                onClick={() => act(room, { kind: "ban", identity: from, forMs: null, address: false })}
              >
                Ban from this room
              </button>
            </div>
          </li>
        ))}
      </ol>
      {held.length > 0 && <h2>Held back</h2>}
      <ol class="said">
        {held.map(({ room, id, from, at, body }) => (
          <li key={`${room}/${id}`}>
            <p class="said-head">
              <RoomName room={room} />
              <span class="hint">{moment(at)}</span>
            </p>
            <p class="said-text">
              <bdi>{textOf(body)}</bdi>
            </p>
            <div class="bar">
              <Who identity={from} />
              <button
                class="button is-small"
                type="button"
                onClick={() => act(room, { kind: "let-through", held: id })}
              >
                Let through
              </button>
              <button
                class="button is-small is-danger"
                type="button"
                onClick={() => act(room, { kind: "drop", held: id })}
              >
                Drop
              </button>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

function Sanctions({ seen: { sanctions, everywhere }, act }: Part) {
  const lift = ({ room, kind, who }: (typeof sanctions)[number]): void => {
    const isRange = who.includes("/");
    if (isRange) act(room, { kind: "unban-range", range: who });
    else act(room, { kind: kind === "ban" ? "unban" : "unmute", identity: who });
  };
  return (
    <>
      <h2>Bans and mutes</h2>
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">Where</th>
              <th scope="col">Until</th>
              <th scope="col">By</th>
              <th scope="col">
                <span class="unseen">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sanctions.map((sanction) => {
              const { room, kind, who, until, by, address } = sanction;
              return (
                <tr key={`${room}/${kind}/${who}`}>
                  <td>{who.includes("/") ? <code>{who}</code> : <Who identity={who} />}</td>
                  <td>
                    {kind}
                    {address === false || who.includes("/") ? "" : ", and its address"}
                  </td>
                  <td>{room === everywhere ? "all rooms" : <RoomName room={room} />}</td>
                  <td>{until === null ? "it is lifted" : moment(until)}</td>
                  <td>
                    <Who identity={by} />
                  </td>
                  <td class="is-number">
                    <button class="button is-small" type="button" onClick={() => lift(sanction)}>
                      Lift
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {sanctions.length === 0 && <p class="empty">Nobody is kept out or silent.</p>}
      </div>
    </>
  );
}

function Rules({ seen: { rooms } }: { readonly seen: ModerationSeen }) {
  return (
    <>
      <h2>Rooms with rules</h2>
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">Room</th>
              <th scope="col">Rules</th>
              <th scope="col">Owners</th>
              <th scope="col" class="is-number">
                Reports
              </th>
              <th scope="col" class="is-number">
                Bans
              </th>
            </tr>
          </thead>
          <tbody>
            {rooms.map((each) => (
              <tr key={each.room}>
                <th scope="row">
                  <RoomName room={each.room} />
                </th>
                <td>{rulesOf(each)}</td>
                <td>
                  {each.owners.map((identity) => (
                    <Who key={identity} identity={identity} />
                  ))}
                </td>
                <td class="is-number">{count(each.reports)}</td>
                <td class="is-number">{count(each.bans)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {rooms.length === 0 && <p class="empty">Every room is open.</p>}
      </div>
    </>
  );
}

export function rulesOf({ mode, isLocked, slowMs, screensLinks }: ModerationSeen["rooms"][number]): string {
  const rules = [mode as string];
  if (isLocked) rules.push("locked");
  if (slowMs > 0) rules.push(`one message in ${count(slowMs / 1_000)} s`);
  if (screensLinks) rules.push("links of newcomers wait");
  return rules.join(", ");
}
