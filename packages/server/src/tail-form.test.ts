import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EncodedBatch } from "./room/encoded-batch.ts";
import { feedForm, type TailForm, type TailMessages } from "./tail-form.ts";

function formOf(messages: TailMessages): TailForm {
  return {
    headers: {},
    begin: (start) => `begin ${start.after}`,
    beginAgain: (start) => `again ${start.after}`,
    messages,
    stillHere: " ",
    refused: ({ code }, { offset }) => `${code} ${offset}`,
    bye: (retryAfterMs, { offset }) => `bye ${retryAfterMs} ${offset}`,
  };
}

function batchOf(...offsets: number[]): EncodedBatch {
  const messages = offsets.map((offset) => ({
    offset,
    from: "x",
    producer: "producer-1",
    seq: offset,
    at: 0,
    bodyJson: offset === 3 ? null : `{"n":${offset}}`,
  }));
  return new EncodedBatch("lobby", "e", (offsets[0] ?? 1) - 1, messages as never);
}

describe("a host's form of a tail", () => {
  test("[LIVE-20] begins once, begins anew after that, and ends in the host's words", () => {
    const form = feedForm(formOf({ write: () => "" }));
    const start = { epoch: "e", after: 4, head: 9, earliest: 1, lost: null, skipped: null };
    assert.equal(form.begin(start, null), "begin 4");
    assert.equal(form.begin({ ...start, after: 6 }, null), "again 6");
    assert.equal(form.bye(800, { epoch: "e", offset: 7 }), "bye 800 7");
    assert.equal(
      form.refused({ code: "forbidden", message: "no" }, { epoch: "e", offset: 7 }),
      "forbidden 7",
    );
  });

  test("[LIVE-20] a batch is written once for all readers of one look, and once more for another look", () => {
    let written = 0;
    const look: TailMessages = {
      write: ({ room, epoch, after, messages }) => {
        written += 1;
        return `${room} ${epoch} ${after} ${JSON.stringify(messages.map(({ body, redacted }) => [body, redacted]))}`;
      },
    };
    const batch = batchOf(2, 3);
    const bytes = batch.bytesFor(feedForm(formOf(look)).messages);
    assert.equal(bytes?.toString(), 'lobby e 1 [[{"n":2},null],[null,true]]');
    assert.equal(batch.bytesFor(feedForm(formOf(look)).messages), bytes);
    assert.equal(written, 1);
    assert.equal(batch.bytesFor(feedForm(formOf({ write: () => "" })).messages), null);
  });
});
