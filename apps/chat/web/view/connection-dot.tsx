import type { AppModel } from "../model/app-model.ts";
import type { ConnectionSign } from "../model/connection-sign.ts";

const WORDS: Readonly<Record<ConnectionSign["kind"], string>> = {
  live: "Connected",
  connecting: "Connecting",
  reconnecting: "Reconnecting",
  offline: "Offline",
  closed: "Closed",
};

/** The connection in one dot and one word; shape and word say it to those who do not see the colour. */
export function ConnectionDot({ model }: { readonly model: AppModel }) {
  const { kind } = model.connection.sign.value;
  return (
    <span class={`dot is-${kind}`} role="status">
      <span class="dot-mark" aria-hidden="true" />
      <span class="dot-word">{WORDS[kind]}</span>
    </span>
  );
}
