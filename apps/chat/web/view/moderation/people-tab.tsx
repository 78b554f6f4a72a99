import { systemClock } from "@parlor/base";
import type { PersonShown } from "@parlor/moderation/shapes";
import { useEffect, useState } from "preact/hooks";
import type { AppModel } from "../../model/app-model.ts";
import { peopleFound } from "../../model/moderation/people-found.ts";
import { nameOf } from "../../model/moderation/who.ts";
import { RIGHT_WORDS, untilWords } from "../../model/moderation/words.ts";
import type { RoomModeration } from "../../model/moderation/room-moderation.ts";
import type { RoomModel } from "../../model/room-model.ts";
import { Author } from "../author.tsx";
import { useDeed } from "./use-deed.ts";

/** Whoever has a right here, or lost one, and the ways to give it back. */
export function PeopleTab(props: {
  readonly model: AppModel;
  readonly room: RoomModel;
  readonly moderation: RoomModeration;
}) {
  const { model, room, moderation } = props;
  const deed = useDeed();
  useEffect(() => {
    deed.do(() => moderation.readPeople());
  }, [moderation]);
  const people = moderation.people.value;
  const [wanted, setWanted] = useState("");
  return (
    <section>
      <label class="field">
        <span>Find somebody by name or tag</span>
        <input
          type="search"
          value={wanted}
          autocomplete="off"
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      </label>
      {wanted.trim() !== "" && <Found model={model} room={room} wanted={wanted} />}
      <h3>Who has a right here, is muted or banned</h3>
      {people === null && <p class="hint">Looking…</p>}
      {people?.length === 0 && <p class="hint">Nobody.</p>}
      <ul class="rule-list">
        {people?.map((person) => (
          <li key={person.identity}>
            <div>
              <Author
                identity={person.identity}
                name={nameOf(person.identity, model, room)}
                isOwn={person.identity === model.self.value.identity}
              />
              <p class="hint">{stateWords(person)}</p>
            </div>
            <span class="name-buttons">
              {person.mutedUntil !== null && (
                <button
                  class="button is-small"
                  type="button"
                  onClick={() => deed.do(() => moderation.act({ kind: "unmute", identity: person.identity }))}
                >
                  Unmute
                </button>
              )}
              {person.bannedUntil !== null && (
                <button
                  class="button is-small"
                  type="button"
                  onClick={() => deed.do(() => moderation.act({ kind: "unban", identity: person.identity }))}
                >
                  Lift the ban
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
      <p class="fault" role="alert">
        {deed.fault}
      </p>
    </section>
  );
}

/** Who spoke here and goes by that, each with a way to what can be done about them. */
function Found(props: { readonly model: AppModel; readonly room: RoomModel; readonly wanted: string }) {
  const { model, room, wanted } = props;
  const found = peopleFound(model, room, wanted);
  if (found.length === 0) return <p class="hint">Nobody who spoke here lately goes by that.</p>;
  return (
    <ul class="rule-list" aria-label="Found">
      {found.map(({ identity, name, offset }) => (
        <li key={identity}>
          <Author identity={identity} name={name} isOwn={false} />
          <button
            class="button is-small"
            type="button"
            onClick={() => model.openDialog({ kind: "moderate", offset, from: identity })}
          >
            Moderate…
          </button>
        </li>
      ))}
    </ul>
  );
}

function stateWords({ right, mutedUntil, bannedUntil }: PersonShown): string {
  const now = systemClock.now();
  const words = [
    right === null ? null : RIGHT_WORDS[right],
    mutedUntil === null ? null : `muted${untilWords(mutedUntil, now)}`,
    bannedUntil === null ? null : `banned${untilWords(bannedUntil, now)}`,
  ];
  return words.filter((each) => each !== null).join(", ");
}
