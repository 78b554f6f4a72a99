import { useState } from "preact/hooks";
import { foldedText } from "../model/folded-text.ts";
import { Loaded } from "../model/loaded.ts";
import { mayHaveMarkup, type Block } from "../model/markup-tree.ts";
import type { AppModel } from "../model/app-model.ts";
import type { ShownBody } from "../model/message-body.ts";
import { LinkedText } from "./linked-text.tsx";

const marked = new Loaded(() => import("./marked-text.tsx"));
// Read once: the body of a message is the same object for as long as it says the same.
const read = new WeakMap<ShownBody, readonly Block[]>();

/** What a message says. */
export function MessageText({ body, model }: { readonly body: ShownBody; readonly model: AppModel }) {
  const me = model.chosenName.value;
  const [isUnfolded, setUnfolded] = useState(false);
  if (body.kind === "erased") return <p class="text is-erased">message erased</p>;
  const folded = isUnfolded ? null : foldedText(body.text);
  const isLong = folded !== null;
  const text = folded ?? body.text;
  const blocks = isLong || body.kind === "json" ? null : markupOf(body);
  const MarkedText = marked.loaded?.MarkedText;
  return (
    <>
      {body.kind === "json" ? (
        <code class="text is-json" dir="ltr">
          {text}
        </code>
      ) : body.text === "" && body.files !== undefined ? null : blocks === null ||
        MarkedText === undefined ? (
        <p class="text" dir="auto">
          <LinkedText text={text} me={me} />
        </p>
      ) : (
        <div class="text is-marked">
          <MarkedText blocks={blocks} me={me} />
        </div>
      )}
      {isLong && (
        <button class="button is-small" type="button" onClick={() => setUnfolded(true)}>
          Show all {body.text.length.toLocaleString()} characters
        </button>
      )}
    </>
  );
}

/** Null where there is none, or the parser is still on its way: then the text is shown as it was written. */
function markupOf(body: ShownBody & { readonly kind: "text" }): readonly Block[] | null {
  if (!mayHaveMarkup(body.text)) return null;
  const known = read.get(body);
  if (known !== undefined) return known;
  const blocks = marked.value?.readMarkup(body.text) ?? null;
  if (blocks !== null) read.set(body, blocks);
  return blocks;
}
