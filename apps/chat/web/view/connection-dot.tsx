import type { TransportKind } from "@parlor/client";
import type { AppModel } from "../model/app-model.ts";
import type { ConnectionSign } from "../model/connection-sign.ts";

const WORDS: Readonly<Record<ConnectionSign["kind"], string>> = {
  live: "Connected",
  connecting: "Connecting",
  reconnecting: "Reconnecting",
  offline: "Offline",
  closed: "Closed",
};

const WAYS: Readonly<Record<TransportKind, string>> = {
  websocket: "by WebSocket",
  stream: "by event stream",
  poll: "by polling",
};

/**
 * The connection in one dot and one word; shape and word say it to those who do not see the colour. The
 * way is named where it is not the usual one, and to who points at the dot in any case.
 */
export function ConnectionDot({ model }: { readonly model: AppModel }) {
  const { kind } = model.connection.sign.value;
  const transport = model.connection.transport.value;
  const way = kind === "live" && transport !== null ? WAYS[transport] : "";
  return (
    <span
      class={`dot is-${kind}`}
      role="status"
      data-transport={transport}
      title={`${WORDS[kind]} ${way}`.trim()}
    >
      <span class="dot-mark" aria-hidden="true" />
      <span class="dot-word">{WORDS[kind]}</span>
      {way !== "" && transport !== "websocket" && <span class="dot-way">{way}</span>}
    </span>
  );
}
