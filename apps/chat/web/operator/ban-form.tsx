import { useState } from "preact/hooks";

const DAY_MS = 86_400_000;
const TIMES: readonly (readonly [words: string, forMs: number | null])[] = [
  ["for a day", DAY_MS],
  ["for a week", 7 * DAY_MS],
  ["for a month", 30 * DAY_MS],
  ["until it is lifted", null],
];

/** Bans an identity, or a range of addresses, from all rooms. */
export function BanForm({ onBan }: { readonly onBan: (act: object) => void }) {
  const [who, setWho] = useState("");
  const [time, setTime] = useState(0);
  const name = who.trim();
  return (
    <form
      class="bar"
      onSubmit={(event) => {
        event.preventDefault();
        if (name === "") return;
        const forMs = TIMES[time]?.[1] ?? null;
        if (name.includes("/")) onBan({ kind: "ban-range", range: name, forMs });
        else onBan({ kind: "ban", identity: name, forMs, address: false });
        setWho("");
      }}
    >
      <label class="field">
        Identity, or a range such as 203.0.113.0/24
        <input
          value={who}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => setWho(event.currentTarget.value)}
        />
      </label>
      <label class="field is-narrow">
        For how long
        <select value={time} onChange={(event) => setTime(Number(event.currentTarget.value))}>
          {TIMES.map(([words], index) => (
            <option key={words} value={index}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <button class="button is-danger" type="submit" disabled={name === ""}>
        Ban
      </button>
    </form>
  );
}
