import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Message } from "@parlor/protocol";
import { SampleLog, sampleMessage, SELF } from "../test/sample-log.ts";
import { entryOf } from "./entries.ts";
import { foldEntries, foldMessage, NOTHING_TOLD, type FoldedMessage } from "./fold.ts";
import { pendingChanges } from "./pending-entries.ts";
import { layOutRows, type MessageRow } from "./rows.ts";
import type { Echo } from "./echoes.ts";
import { EMPTY_TIMELINE, foldTimeline, shownRun, type Timeline } from "./timeline.ts";

const written = sampleMessage(5, { text: "as it was written" });

/** What is shown of `written` once `from` has said `body` about it, in turn. */
function after(...said: readonly (readonly [from: string, body: unknown])[]): FoldedMessage {
  const entries = said.map(([from, body], index) =>
    entryOf({ ...sampleMessage(6 + index, { re: written.offset }), from, body }),
  );
  return foldMessage(
    written,
    foldEntries(
      NOTHING_TOLD,
      entries.filter((entry) => entry !== null),
    ),
  );
}

function rowOf(echo: Pick<Echo, "body" | "state">): MessageRow {
  const own = sampleMessage(5, { seq: 1, text: "as it was written" });
  const run = { from: 1, to: 5, messages: [own], lost: [] };
  const row = layOutRows(run, [{ id: "own-2", at: 1, re: 5, ...echo }], SELF).at(-1);
  assert.ok(row?.kind === "message");
  return row;
}

describe("what is said about a message", () => {
  test("[PREVIEW-5] the server alone says what its link's page says of itself, and of a deleted message nothing is left", () => {
    const [page, forged] = [{ title: "A page" }, { title: "Forged" }];
    assert.equal(after(["eve", { preview: forged }], [written.from, { preview: forged }]).preview, undefined);
    assert.deepEqual(after(["@server", { preview: page }], ["eve", { preview: forged }]).preview, page);
    assert.deepEqual(
      after(["@server", { preview: page }], [written.from, { delete: true }]).preview,
      undefined,
    );
    assert.equal(after(["@server", { preview: "no object" }]).preview, undefined);
  });

  test("[MSG-2] its author edits and deletes it; what another one says of its text counts for nothing", () => {
    const author = written.from;
    assert.equal(after(["eve", { edit: "forged" }]).isEdited, false);
    assert.equal(after(["eve", { delete: true }]).body.kind, "text");
    assert.deepEqual(after([author, { edit: "better" }], ["eve", { edit: "forged" }]), {
      body: { kind: "text", text: "better", name: "Ada" },
      isEdited: true,
      reactions: [],
    });
    // Nothing brings back what was deleted.
    const gone = after([author, { delete: true }], [author, { edit: "again" }], ["eve", { react: "👍" }]);
    assert.deepEqual(gone, { body: { kind: "erased" }, isEdited: false, reactions: [] });
  });

  test("[MSG-2] however many others claim to edit it, and whichever comes first, its author's edit stays", () => {
    const log = new SampleLog();
    log.append(1);
    const own: Message = { ...sampleMessage(2, { re: 1 }), body: { edit: "better" } };
    const forged = Array.from({ length: 150 }, (_, index): Message => {
      return { ...sampleMessage(3 + index, { re: 1 }), from: `stranger ${index}`, body: { edit: "forged" } };
    });
    const begin = (after: number) =>
      foldTimeline(EMPTY_TIMELINE, { kind: "subscribed", frame: log.subscribed(after) });
    const shownText = ({ told, ...rest }: Timeline): unknown => {
      const message = shownRun({ told, ...rest })?.messages.find(({ offset }) => offset === 1);
      assert.ok(message !== undefined);
      const { body } = foldMessage(message, told);
      return body.kind === "text" ? body.text : body.kind;
    };
    const messages = [...log.messages, own, ...forged];
    assert.equal(shownText(foldTimeline(begin(0), { kind: "messages", messages })), "better");
    // The message comes by history, after what was said of it; history tells of its author's edit again.
    const late = foldTimeline(begin(1), { kind: "messages", messages: [own, ...forged] });
    const page = { ...log.page(2, 50), related: [own, ...forged.slice(0, 99)] };
    assert.equal(shownText(foldTimeline(late, { kind: "page", before: 2, page })), "better");
    const told = foldTimeline(late, { kind: "page", before: 2, page }).told.get(1);
    assert.deepEqual([...(told?.edits.keys() ?? [])], [own.from]);
  });

  test("[MSG-2] a message whose text is erased in the log looks as one that was deleted", () => {
    const erased = { ...written, body: null, redacted: true as const };
    assert.deepEqual(foldMessage(erased, NOTHING_TOLD), after([written.from, { delete: true }]));
  });

  test("[MSG-1] a page of history far from the newest brings along what was said of its messages since", () => {
    const log = new SampleLog();
    log.append(900);
    const edit = { ...sampleMessage(901, { re: 150 }), body: { edit: "better" } };
    const begun = foldTimeline(EMPTY_TIMELINE, { kind: "subscribed", frame: log.subscribed(850) });
    const far = { from: 201, to: 250, messages: log.messages.slice(200, 250), lost: [] };
    const page = { ...log.page(201, 100), related: [edit] };
    const read = foldTimeline({ ...begun, past: far, isPinned: false }, { kind: "page", before: 201, page });
    const shown = shownRun(read)?.messages.find(({ offset }) => offset === 150);
    assert.ok(shown !== undefined);
    assert.equal(foldMessage(shown, read.told).isEdited, true);
  });

  test("[MSG-2] what was deleted stays in its author's group, although their name went with it", () => {
    const messages = [
      sampleMessage(1),
      sampleMessage(2),
      { ...sampleMessage(3), body: null, redacted: true as const },
    ];
    const rows = layOutRows({ from: 1, to: 3, messages, lost: [] }, [], SELF);
    assert.deepEqual(
      rows.flatMap((row) => (row.kind === "message" ? [row.startsGroup] : [])),
      [true, false, false],
    );
  });

  test("[MSG-3] a reaction counts once for each person, is taken back, and is one emoji or nothing", () => {
    const said = after(
      ["bob", { react: "🎉", name: "Bob" }],
      ["eve", { react: "👍" }],
      ["bob", { react: "👍", name: "Bob" }],
      ["bob", { react: "👍", name: "Bob" }],
      ["bob", { unreact: "🎉" }],
      ["eve", { react: "buy now" }],
      ["eve", { react: "👍👍" }],
    );
    assert.deepEqual(said.reactions, [
      {
        emoji: "👍",
        by: [
          { from: "eve", name: null },
          { from: "bob", name: "Bob" },
        ],
      },
    ]);
  });

  test("[MSG-3] of very many reactions the newest are kept, whatever the order in which they come", () => {
    const entries = Array.from({ length: 1_200 }, (_, index) =>
      entryOf({ ...sampleMessage(6 + index, { re: 5 }), from: `person ${index}`, body: { react: "👍" } }),
    ).filter((entry) => entry !== null);
    const forwards = foldMessage({ ...written }, foldEntries(NOTHING_TOLD, entries));
    const backwards = foldMessage({ ...written }, foldEntries(NOTHING_TOLD, [...entries].reverse()));
    assert.equal(forwards.reactions[0]?.by.length, 1_000);
    assert.equal(forwards.reactions[0]?.by[0]?.from, "person 200");
    assert.deepEqual(backwards, forwards);
  });

  test("[MSG-4] one's own change shows at once; a refused one does not, and says so beside the message", () => {
    const waiting = rowOf({ body: { edit: "better" }, state: { kind: "waiting" } });
    assert.deepEqual([waiting.body, waiting.isEdited], [{ kind: "text", text: "better", name: "Ada" }, true]);
    assert.deepEqual(waiting.change, { id: "own-2", what: "edit", state: { kind: "waiting" } });
    const state = { kind: "refused", sentence: "The body is too long.", mayBeSent: false } as const;
    const refused = rowOf({ body: { edit: "better" }, state });
    assert.deepEqual(
      [refused.body, refused.isEdited],
      [{ kind: "text", text: "as it was written", name: "Ada" }, false],
    );
    assert.deepEqual(refused.change, { id: "own-2", what: "edit", state });
  });

  test("[MSG-4] a refused change stays told while another one waits", () => {
    const refused: Echo = {
      id: "refused-1",
      body: { delete: true },
      re: 5,
      at: 1,
      state: { kind: "refused", sentence: "No.", mayBeSent: false },
    };
    const waiting: Echo = { id: "own-2", body: { react: "👍" }, re: 5, at: 1, state: { kind: "waiting" } };
    assert.equal(pendingChanges([refused, waiting]).get(5)?.id, "refused-1");
    assert.equal(pendingChanges([waiting]).get(5)?.what, "reaction");
  });
});
