import { useEffect, useRef, useState } from "preact/hooks";
import { bytes, count, moment } from "./number-words.ts";
import type { OperatorApi, ProcessFigures, RoomsPage } from "./operator-api.ts";
import { hashOf } from "./place.ts";
import { useAsked } from "./use-asked.ts";

/** Every room that holds something, found by a part of its name. */
export function Rooms(props: { readonly api: OperatorApi; readonly processes: readonly ProcessFigures[] }) {
  const { api, processes } = props;
  const [find, setFind] = useState("");
  const [asked, setAsked] = useState("");
  // The newest first, so that one can go back.
  const [starts, setStarts] = useState<readonly string[]>([""]);
  const after = starts[0] ?? "";
  const page = useAsked<RoomsPage>(() => api.get("rooms", { find: asked, after }), `${asked}\n${after}`);
  useEffect(() => {
    const timer = setTimeout(() => {
      setAsked(find);
      setStarts([""]);
    }, 200);
    return () => clearTimeout(timer);
  }, [find]);
  const { fault } = page;
  // Until the next answer comes the last one stands: what somebody has the focus on does not go from under their hands.
  const last = useRef(page.answer);
  if (page.answer !== null) last.current = page.answer;
  const answer = last.current;
  return (
    <>
      <div class="bar">
        <label class="field">
          Find a room
          <input type="search" value={find} onInput={(event) => setFind(event.currentTarget.value)} />
        </label>
        <button class="button" type="button" onClick={page.again}>
          Refresh
        </button>
      </div>
      <p class="fault" role="alert">
        {fault}
      </p>
      {answer !== null && (
        <div class="table-wrap" aria-busy={page.answer === null}>
          <table>
            <thead>
              <tr>
                <th scope="col">Room</th>
                <th scope="col" class="is-number">
                  Messages
                </th>
                <th scope="col" class="is-number">
                  Size
                </th>
                <th scope="col" class="is-number">
                  Connected
                </th>
                <th scope="col">Last message</th>
              </tr>
            </thead>
            <tbody>
              {answer.rooms.map(({ room, messages, bytes: size, lastAt, last }) => (
                <tr key={room}>
                  <th scope="row">
                    <a href={hashOf({ tab: "room", room })}>
                      <bdi>{room}</bdi>
                    </a>
                  </th>
                  <td class="is-number">{count(messages)}</td>
                  <td class="is-number">{bytes(size)}</td>
                  <td class="is-number">{connectedTo(room, processes)}</td>
                  <td>
                    <span class="cut">
                      <span class="hint">{moment(lastAt)}</span>{" "}
                      <bdi>{last?.text ?? (last === null ? "" : "erased")}</bdi>
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {answer.rooms.length === 0 && <p class="empty">No room is called that.</p>}
        </div>
      )}
      <div class="bar">
        {starts.length > 1 && (
          <button class="button" type="button" onClick={() => setStarts(starts.slice(1))}>
            Back
          </button>
        )}
        {answer !== null && answer.next !== null && (
          <button
            class="button"
            type="button"
            disabled={page.answer === null}
            onClick={() => setStarts([answer.next ?? "", ...starts])}
          >
            More rooms
          </button>
        )}
      </div>
    </>
  );
}

/** Of each process the rooms with the most subscriptions are known; a dash where one is not among them. */
function connectedTo(room: string, processes: readonly ProcessFigures[]): string {
  const known = processes.flatMap(({ status }) => status.rooms.list.filter((each) => each.room === room));
  if (known.length > 0) return count(known.reduce((sum, { subscriptions }) => sum + subscriptions, 0));
  return processes.every(({ status }) => status.rooms.open <= status.rooms.list.length) ? "0" : "–";
}
