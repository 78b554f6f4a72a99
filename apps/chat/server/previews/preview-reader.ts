import type { Clock } from "@parlor/base";
import type { Parlor, ReaderHandle } from "@parlor/server";
import { shownBody } from "../../web/model/message-body.ts";
import { textParts } from "../../web/model/text-parts.ts";
import { fetchPage } from "./fetch-page.ts";
import { allowsPage, type PreviewHosts } from "./preview-hosts.ts";
import type { PreviewCounts } from "./preview-counts.ts";
import { readPreview } from "./read-preview.ts";

/** A message older than this has none made for it any more: nobody looks at it. ms */
const LATE_MS = 600_000;
/** A host whose page could not be had is left alone for so long, ms: each wait holds up the next message's. */
const LEAVE_ALONE_MS = 300_000;
const MAX_LEFT_ALONE = 1_000;

/**
 * The named reader `previews`: for each message with a link it looks at the page, and says beside the message what that says of
 * itself, as an entry `{"preview":{…}}` with `re`. Whatever kills the server in between, each message has one.
 * When the message is erased, so is the entry.
 */
export function startPreviews(
  parlor: Parlor,
  hosts: PreviewHosts,
  clock: Clock,
  counts: PreviewCounts,
): ReaderHandle {
  const leftAlone = new Map<string, number>();
  return parlor.reader(
    "previews",
    {
      from: "now",
      tables: (db) =>
        db.exec(`CREATE TABLE previews (
          room TEXT NOT NULL, "offset" INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (room, "offset")
        ) STRICT, WITHOUT ROWID`),
      onGone(gone, db) {
        const { kind, room } = gone;
        if (kind !== "message") {
          const before = kind === "before" ? gone.offset : Number.MAX_SAFE_INTEGER;
          db.prepare(`DELETE FROM previews WHERE room = ? AND "offset" < ?`).run(room, before);
          return;
        }
        const { offset } = gone;
        // Told again at each start until the entry itself is gone.
        db.prepare("DELETE FROM previews WHERE room = ? AND entry = ?").run(room, offset);
        const entry = db
          .prepare(`SELECT entry FROM previews WHERE room = ? AND "offset" = ?`)
          .get(room, offset)?.["entry"];
        if (typeof entry === "number")
          void parlor
            .room(room)
            .redact(entry)
            .catch(() => undefined);
      },
    },
    async ({ offset, at, from, re, body }, { room, key, db }) => {
      const link = re === undefined && !from.startsWith("@") ? firstLink(body) : null;
      if (link === null || !allowsPage(hosts, link)) return;
      if (clock.now() - at > LATE_MS) return counts.add("late");
      if ((leftAlone.get(link.host) ?? 0) > clock.now()) return counts.add("left-alone");
      const html = await fetchPage(link, hosts);
      if (html === null) {
        leaveAlone(leftAlone, link.host, clock.now() + LEAVE_ALONE_MS);
        return counts.add("failed");
      }
      const preview = readPreview(html, link.href);
      if (preview === null) return counts.add("nothing");
      const entry = await parlor
        .room(room)
        .publish({ preview: { ...preview } }, { re: offset, idempotencyKey: key });
      db.prepare("INSERT OR REPLACE INTO previews VALUES (?, ?, ?)").run(room, offset, entry.offset);
      counts.add("made");
    },
  );
}

function firstLink(body: unknown): URL | null {
  const shown = shownBody(body);
  const link = shown.kind === "text" ? textParts(shown.text).find((part) => part.kind === "link") : undefined;
  return link === undefined ? null : new URL(link.href);
}

function leaveAlone(hosts: Map<string, number>, host: string, until: number): void {
  hosts.delete(host);
  hosts.set(host, until);
  const [oldest] = hosts.keys();
  if (hosts.size > MAX_LEFT_ALONE && oldest !== undefined) hosts.delete(oldest);
}
