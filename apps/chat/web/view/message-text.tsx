import { useState } from "preact/hooks";
import type { ShownBody } from "../model/message-body.ts";
import { textParts } from "../model/text-parts.ts";

/** A longer text is folded to its beginning: one message must not fill the room. */
const MAX_UNFOLDED_CHARACTERS = 3_000;
const FOLDED_CHARACTERS = 1_500;

export function MessageText({ body }: { readonly body: ShownBody }) {
  const [isUnfolded, setUnfolded] = useState(false);
  if (body.kind === "erased") return <p class="text is-erased">message erased</p>;
  const isLong = body.text.length > MAX_UNFOLDED_CHARACTERS && !isUnfolded;
  const text = isLong ? body.text.slice(0, FOLDED_CHARACTERS).toWellFormed() : body.text;
  return (
    <>
      {body.kind === "json" ? (
        <code class="text is-json" dir="ltr">
          {text}
        </code>
      ) : (
        <p class="text" dir="auto">
          <LinkedText text={text} />
        </p>
      )}
      {isLong && (
        <button class="button is-small" type="button" onClick={() => setUnfolded(true)}>
          Show all {body.text.length.toLocaleString()} characters
        </button>
      )}
    </>
  );
}

function LinkedText({ text }: { readonly text: string }) {
  return (
    <>
      {textParts(text).map((part) =>
        part.kind === "plain" ? (
          part.text
        ) : (
          <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
            <bdi>{part.text}</bdi>
          </a>
        ),
      )}
    </>
  );
}
