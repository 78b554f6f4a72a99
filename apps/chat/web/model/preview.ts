import { isJsonObject } from "@parlor/protocol";
import { displayName } from "./display-name.ts";
import { safeHref } from "./text-parts.ts";

/** What a page says of itself, beside a message that links to it. */
export interface Preview {
  readonly url: string;
  readonly title: string;
  readonly description?: string;
  readonly site?: string;
}

const MAX_TITLE = 200;
const MAX_DESCRIPTION = 300;
const MAX_SITE = 80;

/** As it is shown, without what misleads; null where it is none. */
export function previewOf(value: unknown): Preview | null {
  if (!isJsonObject(value)) return null;
  const url = typeof value["url"] === "string" ? safeHref(value["url"]) : null;
  const title = displayName(value["title"], MAX_TITLE);
  if (url === null || title === null) return null;
  const description = displayName(value["description"], MAX_DESCRIPTION);
  const site = displayName(value["site"], MAX_SITE);
  return { url, title, ...(description === null ? {} : { description }), ...(site === null ? {} : { site }) };
}
