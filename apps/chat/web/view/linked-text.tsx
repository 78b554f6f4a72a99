import { mentionPieces } from "../model/mentions.ts";
import { textParts } from "../model/text-parts.ts";

/** Plain text with its addresses as links, and those who are called in it. `me` is the reader's name. */
export function LinkedText({ text, me }: { readonly text: string; readonly me: string | null }) {
  return (
    <>
      {textParts(text).map((part) =>
        part.kind === "plain" ? (
          <MentionedText text={part.text} me={me} />
        ) : (
          <OutwardLink href={part.href}>
            <bdi>{part.text}</bdi>
          </OutwardLink>
        ),
      )}
    </>
  );
}

export function MentionedText({ text, me }: { readonly text: string; readonly me: string | null }) {
  return (
    <>
      {mentionPieces(text, me).map(({ text: piece, mention }) =>
        mention === null ? piece : <bdi class={`mention ${mention === "me" ? "is-me" : ""}`}>{piece}</bdi>,
      )}
    </>
  );
}

/** A way out of the page, which it tells nobody about. */
export function OutwardLink(props: { readonly href: string; readonly children: preact.ComponentChildren }) {
  return (
    <a href={props.href} title={props.href} target="_blank" rel="noopener noreferrer nofollow">
      {props.children}
    </a>
  );
}
