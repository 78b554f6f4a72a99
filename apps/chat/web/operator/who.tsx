import { identityMark } from "../model/identity-mark.ts";
import { Seal } from "../view/seal.tsx";
import { hashOf } from "./place.ts";

/** An identity as the chat shows it, with the whole of it beside, and a way to all it wrote. */
export function Who({ identity }: { readonly identity: string }) {
  if (identity.startsWith("@")) return <span class="who">{identity}</span>;
  const { hue, tag } = identityMark(identity);
  return (
    <a
      class="who"
      href={hashOf({ tab: "people", identity, find: "" })}
      style={{ "--hue": `${hue}` }}
      title="What this person wrote"
    >
      <Seal identity={identity} />
      <span class="tag">{tag}</span> <code>{identity}</code>
    </a>
  );
}
