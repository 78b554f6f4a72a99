import { moment } from "./number-words.ts";
import type { ShownMessage } from "./operator-api.ts";
import { hashOf } from "./place.ts";
import { Who } from "./who.tsx";

export interface ListedMessage extends ShownMessage {
  /** Named where they are of several rooms. */
  readonly room?: string;
}

export function MessageList({ messages }: { readonly messages: readonly ListedMessage[] }) {
  return (
    <ol class="said">
      {messages.map((message) => (
        <li key={`${message.room ?? ""}/${message.offset}`}>
          <p class="said-head">
            {message.room === undefined ? (
              <Who identity={message.from} />
            ) : (
              <a href={hashOf({ tab: "room", room: message.room })}>
                <bdi>{message.room}</bdi>
              </a>
            )}
            <span class="hint">
              {message.offset} · {moment(message.at)}
            </span>
          </p>
          <p class={message.text === null ? "hint" : "said-text"}>
            {message.text === null ? "erased" : <bdi>{message.text}</bdi>}
          </p>
        </li>
      ))}
    </ol>
  );
}
