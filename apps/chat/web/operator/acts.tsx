import type { ComponentChildren } from "preact";
import { count, moment } from "./number-words.ts";
import type { OperatorApi, StoredAct } from "./operator-api.ts";
import { RoomName } from "./room-name.tsx";
import { useAsked } from "./use-asked.ts";
import { Who } from "./who.tsx";

/** What operators did, the newest first. */
export function Acts({ api }: { readonly api: OperatorApi }) {
  const { answer, fault, again } = useAsked<{ acts: readonly StoredAct[] }>(() => api.get("acts"), "");
  return (
    <>
      <div class="bar">
        <button class="button" type="button" onClick={again}>
          Refresh
        </button>
        <span class="hint">
          The newest 100; all of them stand in the log, and on the server's standard error.
        </span>
      </div>
      <p class="fault" role="alert">
        {fault}
      </p>
      {answer !== null && (
        <div class="table-wrap">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">What</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {answer.acts.map((stored) => (
                <tr key={stored.offset}>
                  <td>{moment(stored.at)}</td>
                  <td>{wordsOf(stored.act)}</td>
                  <td>
                    {stored.address === "" ? (
                      <span class="hint">the server itself</span>
                    ) : (
                      <code>{stored.address}</code>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {answer.acts.length === 0 && <p class="empty">Nobody did anything yet.</p>}
        </div>
      )}
    </>
  );
}

function wordsOf(act: StoredAct["act"]): ComponentChildren {
  switch (act.kind) {
    case "erase":
      return (
        <>
          Erase all of <Who identity={act.identity} />
        </>
      );
    case "erase-done":
      return (
        <>
          Erased: {count(act.messages)} messages in {count(act.rooms)} rooms of{" "}
          <Who identity={act.identity} />
        </>
      );
    case "delete-room":
      return (
        <>
          Delete the room <RoomName room={act.room} />
        </>
      );
    case "delete-room-done":
      return (
        <>
          Deleted: the room <RoomName room={act.room} />
        </>
      );
    case "export":
      return (
        <>
          Export the room <RoomName room={act.room} />
        </>
      );
    case "export-identity":
      return (
        <>
          Export what <Who identity={act.identity} /> wrote
        </>
      );
    case "end-connection":
      return act.identity === "" ? (
        <>End a connection</>
      ) : (
        <>
          End a connection of <Who identity={act.identity} />
        </>
      );
    case "drain":
      return <>Drain the server</>;
    case "moderate":
      return (
        <>
          Moderate <RoomName room={act.room} />: <code>{JSON.stringify(act.act)}</code>
        </>
      );
  }
}
