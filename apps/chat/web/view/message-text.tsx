import { useState } from "preact/hooks";
import { foldedText, withoutFloods } from "../model/folded-text.ts";
import { mayHaveMarkup, type Block } from "../model/markup-tree.ts";
import type { AppModel } from "../model/app-model.ts";
import type { ShownBody } from "../model/message-body.ts";
import { LinkedText } from "./linked-text.tsx";
import { useMarkupReader, type MarkupReader } from "./use-markup-reader.ts";

// Read once: the body of a message is the same object for as long as it says the same.
const read = new WeakMap<ShownBody, readonly Block[]>();

/** What a message says. */
export function MessageText({ body, model }: { readonly body: ShownBody; readonly model: AppModel }) {
  const me = model.chosenName.value;
  const [isUnfolded, setUnfolded] = useState(false);
  if (body.kind === "erased")
    return (
      <p class="text is-erased" dir="auto">
        message erased
      </p>
    );
  const folded = isUnfolded ? null : foldedText(body.text);
  const isLong = folded !== null;
  const text = withoutFloods(folded ?? body.text);
  const reader = useMarkupReader(!isLong && body.kind === "text" && mayHaveMarkup(body.text));
  const blocks = reader === null || body.kind === "json" ? null : markupOf(body, reader);
  return (
    <>
      {body.kind === "json" ? (
        <code class="text is-json" dir="ltr">
          {text}
        </code>
      ) : body.text === "" && body.files !== undefined ? null : blocks === null || reader === null ? (
        <p class="text" dir="auto">
          <LinkedText text={text} me={me} />
        </p>
      ) : (
        <div class="text is-marked" ref={reader.tellGrown}>
          <reader.MarkedText blocks={blocks} me={me} />
        </div>
      )}
      {isLong && (
        <button
          class="button is-small"
          type="button"
          onClick={(event) => {
            event.currentTarget.closest<HTMLElement>(".message")?.focus();
            setUnfolded(true);
          }}
        >
          Show all {body.text.length.toLocaleString()} characters
        </button>
      )}
    </>
  );
}

function markupOf(body: ShownBody & { readonly kind: "text" }, reader: MarkupReader): readonly Block[] {
  let blocks = read.get(body);
  if (blocks === undefined) read.set(body, (blocks = reader.readMarkup(body.text)));
  return blocks;
}
