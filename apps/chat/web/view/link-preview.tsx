import type { ShownBody } from "../model/message-body.ts";
import { previewOf } from "../model/preview.ts";
import { textParts } from "../model/text-parts.ts";

/** What a page says of itself, below a message that links to it; nothing where its text does not, or no longer. */
export function LinkPreview(props: { readonly body: ShownBody; readonly preview: unknown }) {
  const { body } = props;
  const preview = previewOf(props.preview);
  if (preview === null || body.kind !== "text") return null;
  const { url, title, description, site } = preview;
  if (!textParts(body.text).some((part) => part.kind === "link" && part.href === url)) return null;
  return (
    <a class="link-preview" href={url} target="_blank" rel="noopener noreferrer nofollow">
      <small>
        <bdi>{site ?? new URL(url).host}</bdi>
      </small>
      <b dir="auto">{title}</b>
      {description !== undefined && <span dir="auto">{description}</span>}
    </a>
  );
}
