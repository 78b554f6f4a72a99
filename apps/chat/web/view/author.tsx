import { SERVER } from "../model/acts.ts";
import { GUEST } from "../model/display-name.ts";
import { identityMark } from "../model/identity-mark.ts";
import { Seal } from "./seal.tsx";

/** Who said something: seal and name in their colour, and the tag that tells two of one name apart. */
export function Author(props: {
  readonly identity: string | null;
  readonly name: string | null;
  readonly isOwn: boolean;
}) {
  const { identity, isOwn } = props;
  const mark = identity === null ? null : identityMark(identity);
  const name = props.name ?? (identity === SERVER ? "Server" : GUEST);
  return (
    <span class="author" style={mark === null ? {} : { "--hue": `${mark.hue}` }}>
      <Seal identity={identity} />
      <bdi class="author-name" title={name}>
        {name}
      </bdi>
      {isOwn && <span class="unseen"> (you)</span>}
      {mark !== null && <span class="tag">{mark.tag}</span>}
    </span>
  );
}
