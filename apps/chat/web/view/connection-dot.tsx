import type { AppModel } from "../model/app-model.ts";
import { connectionWords } from "../model/connection-words.ts";

/**
 * The connection in one dot and one word; shape and word say it to those who do not see the colour. The
 * way is named where it is not the usual one, and to who points at the dot in any case.
 */
export function ConnectionDot({ model }: { readonly model: AppModel }) {
  const sign = model.connection.sign.value;
  const transport = model.connection.transport.value;
  const { word, way } = connectionWords(sign, transport);
  return (
    <span
      class={`dot is-${sign.kind}`}
      role="status"
      data-transport={transport}
      title={`${word} ${way}`.trim()}
    >
      <span class="dot-mark" aria-hidden="true" />
      <span class="dot-word">{word}</span>
      {way !== "" && transport !== "websocket" && <span class="dot-way">{way}</span>}
    </span>
  );
}
