import { count } from "./number-words.ts";
import type { Job } from "./operator-api.ts";

/** What takes time, wherever one is on the page. What is over stays for as long as the server knows of it. */
export function Jobs({ jobs }: { readonly jobs: readonly Job[] }) {
  if (jobs.length === 0) return null;
  return (
    <section class="jobs" aria-label="Under way">
      {jobs.slice(-5).map(({ id, kind, of, state, share, messages, rooms, fault }) => (
        <div class="job" key={id} data-state={state}>
          <span>
            {kind === "erase" ? "Erase all of " : "Delete the room "}
            <bdi>{of}</bdi>
          </span>
          {state === "done" ? (
            <span class="hint">
              {kind === "erase"
                ? `done: ${count(messages)} messages in ${count(rooms)} rooms`
                : "done: nothing of it is left on the disk"}
            </span>
          ) : (
            <>
              {share === null ? (
                <progress aria-label="How far it is" />
              ) : (
                <progress max={1} value={share} aria-label="How far it is" />
              )}
              <span class={state === "failed" ? "care" : "hint"}>
                {state === "failed" ? `broke off and is tried again: ${fault}` : state}
              </span>
            </>
          )}
        </div>
      ))}
    </section>
  );
}

/** Of all processes; nodes of a cluster may each do the same one, and whichever is done first has done it. */
export function jobsOf(told: readonly unknown[]): readonly Job[] {
  const jobs = new Map<string, Job>();
  for (const more of told) {
    for (const job of (more as { readonly jobs?: readonly Job[] } | null)?.jobs ?? []) {
      if (jobs.get(job.id)?.state !== "done") jobs.set(job.id, job);
    }
  }
  return [...jobs.values()];
}
