import type { AppModel } from "../model/app-model.ts";
import type { Person } from "../model/people.ts";
import { Author } from "./author.tsx";

function selfFirst(people: readonly Person[], self: string | null): readonly Person[] {
  const isSelf = ({ identity }: Person): boolean => identity === self;
  return [...people.filter(isSelf), ...people.filter((person) => !isSelf(person))];
}

/** Who is in the room. Of many only how many: a list of hundreds helps nobody. */
export function PeoplePanel({ model }: { readonly model: AppModel }) {
  const { count, people } = model.people.present.value;
  const sign = model.connection.sign.value.kind;
  const isBehind = sign === "offline" || sign === "reconnecting";
  const self = model.self.value.identity;
  return (
    <>
      <h2 class="panel-head">
        People
        {count !== null && <span class="people-count">{count.toLocaleString()}</span>}
      </h2>
      {isBehind && count !== null && <p class="panel-note">As it was when the connection was lost.</p>}
      {count === null ? (
        <p class="panel-note">
          {isBehind ? "Who is here shows once there is a connection." : "Looking who is here…"}
        </p>
      ) : people === null ? (
        <p class="panel-note">
          {count.toLocaleString()} people are here. So many are only counted, not listed.
        </p>
      ) : (
        <ul class="people">
          {selfFirst(people, self).map(({ identity, name }) => (
            <li key={identity}>
              <Author identity={identity} name={name} isOwn={identity === self} />
              {identity === self && (
                <span class="people-you" aria-hidden="true">
                  you
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
