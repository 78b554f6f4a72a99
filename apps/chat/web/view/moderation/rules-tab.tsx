import type { Act, Mode, Standing } from "@parlor/moderation/shapes";
import { MODE_WORDS, SLOWNESSES, spanWords } from "../../model/moderation/words.ts";
import type { RoomModeration } from "../../model/moderation/room-moderation.ts";
import { useDeed } from "./use-deed.ts";

/** What holds in the room; each change counts at once, and everybody in it is told. */
export function RulesTab(props: { readonly moderation: RoomModeration; readonly standing: Standing }) {
  const { moderation, standing } = props;
  const deed = useDeed();
  const act = (wanted: Act): void => deed.do(() => moderation.act(wanted));
  const slownesses = [...new Set([...SLOWNESSES, standing.slowMs])].sort((a, b) => a - b);
  return (
    <div class="rules-form">
      {moderation.isOwner.value && (
        <fieldset class="choices">
          <legend>Who takes part</legend>
          {(Object.keys(MODE_WORDS) as Mode[]).map((mode) => (
            <label class="choice" key={mode}>
              <input
                type="radio"
                name="mode"
                checked={standing.mode === mode}
                onChange={() => act({ kind: "mode", mode })}
              />
              <span>
                <b>{MODE_WORDS[mode].label}</b> <span class="hint">{MODE_WORDS[mode].hint}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <label class="choice">
        <input
          type="checkbox"
          checked={standing.isLocked}
          onChange={(event) => act({ kind: "lock", on: event.currentTarget.checked })}
        />
        <span>
          <b>Locked</b> <span class="hint">Only moderators write.</span>
        </span>
      </label>
      <label class="choice">
        <input
          type="checkbox"
          checked={standing.screensLinks}
          onChange={(event) => act({ kind: "screen", on: event.currentTarget.checked })}
        />
        <span>
          <b>Links of newcomers wait</b>{" "}
          <span class="hint">
            A message with a link from somebody new shows once a moderator lets it through.
          </span>
        </span>
      </label>
      <label class="field">
        <span>Slow mode: one message of each person every</span>
        <select
          value={String(standing.slowMs)}
          onChange={(event) => act({ kind: "slow", ms: Number(event.currentTarget.value) })}
        >
          {slownesses.map((ms) => (
            <option key={ms} value={String(ms)}>
              {ms === 0 ? "no waiting" : spanWords(ms)}
            </option>
          ))}
        </select>
      </label>
      <p class="fault" role="alert">
        {deed.fault}
      </p>
    </div>
  );
}
