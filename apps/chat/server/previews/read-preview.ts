import { Parser } from "htmlparser2";
import { previewOf, type Preview } from "../../web/model/preview.ts";

/** What a page says of itself, in its head: null where that is not even a title. */
export function readPreview(html: string, url: string): Preview | null {
  const said = new Map<string, string>();
  let title = "";
  let isInTitle = false;
  const parser = new Parser({
    onopentag(name, { property, name: metaName, content }) {
      isInTitle = name === "title" && title === "";
      const key = (property ?? metaName ?? "").toLowerCase();
      if (name === "meta" && content !== undefined && !said.has(key)) said.set(key, content);
    },
    ontext(text) {
      if (isInTitle && title.length < 2_000) title += text;
    },
    onclosetag() {
      isInTitle = false;
    },
  });
  parser.write(html);
  return previewOf({
    url,
    title: said.get("og:title") ?? (title.trim() === "" ? said.get("twitter:title") : title),
    description: said.get("og:description") ?? said.get("description"),
    site: said.get("og:site_name"),
  });
}
