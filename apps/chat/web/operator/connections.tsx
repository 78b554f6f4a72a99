import { useState } from "preact/hooks";
import type { Question } from "./confirm.tsx";
import { bytes } from "./number-words.ts";
import type { OperatorApi, ProcessFigures } from "./operator-api.ts";
import { Who } from "./who.tsx";

/** Those for which most waits, of every process; a second old at most. */
export function Connections(props: {
  readonly api: OperatorApi;
  readonly processes: readonly ProcessFigures[];
  readonly onAsk: (question: Question) => void;
}) {
  const { api, processes, onAsk } = props;
  const [isSlowOnly, setSlowOnly] = useState(false);
  const all = processes
    .flatMap(({ node, status, connections }) =>
      connections.map((connection) => ({ ...connection, node, worker: status.worker })),
    )
    .filter(({ isSlow }) => isSlow || !isSlowOnly)
    .sort((a, b) => Number(b.isSlow) - Number(a.isSlow) || b.waitingBytes - a.waitingBytes);
  const end = (connection: (typeof all)[number]): void =>
    onAsk({
      title: "End this connection?",
      text: "It is cut. Whoever has it comes back by themselves within a second, and goes on where they were: to keep somebody out, ban them.",
      button: "End it",
      act: async () => {
        const { node, number, identity } = connection;
        await api.post("end-connection", { node, number, identity: identity ?? "" });
      },
    });
  const isPartial = processes.some(
    ({ status, connections }) => status.connections.total > connections.length,
  );
  return (
    <>
      <div class="bar">
        <label class="choice">
          <input
            type="checkbox"
            checked={isSlowOnly}
            onChange={(event) => setSlowOnly(event.currentTarget.checked)}
          />
          Slow readers only
        </label>
        <span class="hint">
          {isPartial ? "Of each process the 100 for which most waits." : "All that are open."}
        </span>
      </div>
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Over</th>
              <th scope="col">Address</th>
              <th scope="col" class="is-number">
                Waits unsent
              </th>
              <th scope="col">State</th>
              <th scope="col">
                <span class="unseen">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {all.map((connection) => {
              const { node, number, identity, transport, address, waitingBytes, isSlow, worker } = connection;
              return (
                <tr key={`${node}/${number}`}>
                  <td>
                    {identity === null ? <span class="hint">not said yet</span> : <Who identity={identity} />}
                  </td>
                  <td>{worker === null ? transport : `${transport}, worker ${worker}`}</td>
                  <td>
                    <code>{address}</code>
                  </td>
                  <td class="is-number">{bytes(waitingBytes)}</td>
                  <td class={isSlow ? "care" : ""}>{isSlow ? "slow" : "keeps up"}</td>
                  <td class="is-number">
                    <button class="button is-small" type="button" onClick={() => end(connection)}>
                      End…
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {all.length === 0 && (
          <p class="empty">{isSlowOnly ? "Everybody keeps up." : "Nobody is connected."}</p>
        )}
      </div>
    </>
  );
}
