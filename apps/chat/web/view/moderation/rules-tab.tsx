import type { Act, Mode, Standing } from "@parlor/moderation/shapes";
import { useState } from "preact/hooks";
import { MODE_WORDS, SLOWNESSES, spanWords } from "../../model/moderation/words.ts";
import type { RoomModeration } from "../../model/moderation/room-moderation.ts";
import { useDeed } from "./use-deed.ts";

type Rules = Pick<Standing, "mode" | "isLocked" | "screensLinks" | "slowMs">;

/** What holds in the room; each change counts at once, and everybody in it is told. */
export function RulesTab(props: { readonly moderation: RoomModeration; readonly standing: Standing }) {
  const { moderation, standing } = props;
  const deed = useDeed();
  const [wanted, setWanted] = useState<{ readonly rules: Partial<Rules>; readonly over: Standing } | null>(
    null,
  );
  // What was set stays as it was set until the server says how things stand, or refuses.
  const unsaid = wanted?.over === standing && deed.fault === null ? wanted.rules : {};
  const shown: Rules = { ...standing, ...unsaid };
  const set = (rules: Partial<Rules>, act: Act): void => {
    setWanted({ rules: { ...unsaid, ...rules }, over: standing });
    deed.do(() => moderation.act(act));
  };
  const slownesses = [...new Set([...SLOWNESSES, shown.slowMs])].sort((a, b) => a - b);
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
                checked={shown.mode === mode}
                onChange={() => set({ mode }, { kind: "mode", mode })}
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
          checked={shown.isLocked}
          onChange={({ currentTarget: { checked: on } }) => set({ isLocked: on }, { kind: "lock", on })}
        />
        <span>
          <b>Locked</b> <span class="hint">Only moderators write.</span>
        </span>
      </label>
      <label class="choice">
        <input
          type="checkbox"
          checked={shown.screensLinks}
          onChange={({ currentTarget: { checked: on } }) => set({ screensLinks: on }, { kind: "screen", on })}
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
          value={String(shown.slowMs)}
          onChange={({ currentTarget: { value } }) =>
            set({ slowMs: Number(value) }, { kind: "slow", ms: Number(value) })
          }
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
