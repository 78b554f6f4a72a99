import { Chart } from "./chart.tsx";
import type { Seen } from "./figures.ts";
import { bytes, count, duration, tenths } from "./number-words.ts";

const perSecond = (value: number): string => `${tenths(value)}/s`;

/** How the server is: of all its processes together, and each. */
export function Overview({ seen: { points, processes } }: { readonly seen: Seen }) {
  return (
    <>
      <div class="charts">
        <Chart title="Connections" points={points} value={(point) => point.connections} say={count} />
        <Chart title="Publishes" points={points} value={(point) => point.publishes} say={perSecond} />
        <Chart title="Deliveries" points={points} value={(point) => point.deliveries} say={perSecond} />
        <Chart
          title="Event loop lag, p99"
          points={points}
          value={(point) => point.lagMs}
          say={(value) => `${tenths(value)} ms`}
        />
        <Chart title="Memory" points={points} value={(point) => point.memoryBytes} say={bytes} />
        <Chart title="Slow readers" points={points} value={(point) => point.slowReaders} say={count} isCare />
        <Chart title="Dropped" points={points} value={(point) => point.drops} say={perSecond} isCare />
      </div>
      <h2>Processes</h2>
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">Process</th>
              <th scope="col">State</th>
              <th scope="col">Up for</th>
              <th scope="col" class="is-number">
                Connections
              </th>
              <th scope="col" class="is-number">
                Limit
              </th>
              <th scope="col" class="is-number">
                Rooms open
              </th>
              <th scope="col" class="is-number">
                Waits unsent
              </th>
              <th scope="col" class="is-number">
                Memory
              </th>
              <th scope="col" class="is-number">
                Refused
              </th>
            </tr>
          </thead>
          <tbody>
            {processes.map(({ node, status }) => (
              <tr key={node}>
                <th scope="row">{status.worker === null ? "the only one" : `worker ${status.worker}`}</th>
                <td class={status.state === "ready" ? "" : "care"}>{status.state}</td>
                <td>{duration(status.uptimeMs)}</td>
                <td class="is-number">{count(status.connections.total)}</td>
                <td class="is-number">{count(status.connections.max)}</td>
                <td class="is-number">{count(status.rooms.open)}</td>
                <td class="is-number">{bytes(status.sendBufferBytes)}</td>
                <td class="is-number">{status.residentBytes === null ? "–" : bytes(status.residentBytes)}</td>
                <td class="is-number">{count(sumOf(status.totals.refused))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function sumOf(counts: Readonly<Record<string, number | undefined>>): number {
  return Object.values(counts).reduce<number>((sum, each) => sum + (each ?? 0), 0);
}
