import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventReader } from "./event-reader.ts";

function read(lines: readonly string[], maxChars = 100): (string | null)[] {
  const reader = eventReader(() => maxChars);
  return lines.map((line) => reader(line)).filter((data) => data !== null);
}

describe("eventReader", () => {
  test("[TRANSPORT-9] an event is its data lines, joined, and ends with an empty line", () => {
    assert.deepEqual(read(["data: one", "", "data:two", "data:  three", "data", "", "data: cut"]), [
      "one",
      "two\n three\n",
    ]);
  });

  test("[TRANSPORT-9] comments, other fields and empty events are passed over", () => {
    assert.deepEqual(
      read([
        ": still here",
        "",
        "event: x",
        "id: 7",
        "retry: 1",
        "data: one",
        ": between",
        "",
        "",
        "database: 1",
        "",
      ]),
      ["one"],
    );
  });

  test("[TRANSPORT-8] an event longer than allowed is refused before it ends", () => {
    assert.deepEqual(read(["data: 1234", ""], 4), ["1234"]);
    assert.throws(() => read(["data: 12", "data: 34"], 4), RangeError);
  });
});
