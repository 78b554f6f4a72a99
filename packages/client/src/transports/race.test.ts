import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Race, type RaceEffect, type RaceSettings } from "./race.ts";

const BROKEN = { code: 1006, reason: "" };

function race(over: Partial<RaceSettings> = {}): Race {
  return new Race({
    order: ["websocket", "stream", "poll"],
    headStartMs: 100,
    isThorough: false,
    ...over,
  });
}

/** Effects as short words: `+stream` starts it, `100` sets the timer. */
function words(effects: readonly RaceEffect[]): string {
  return effects
    .map((effect) => {
      if (effect.kind === "start") return `+${effect.runner}`;
      if (effect.kind === "timer") return effect.afterMs;
      return effect.kind === "win" ? `win ${effect.runner}` : `lose ${JSON.stringify(effect.close)}`;
    })
    .join(" ");
}

describe("Race", () => {
  test("[RACE-1] the first has a head start, the next starts beside it, the last after twice that", () => {
    const each = race();
    assert.equal(words(each.begin()), "+websocket 100");
    assert.equal(words(each.late()), "+stream 200");
    assert.equal(words(each.late()), "+poll 8000");
  });

  test("[RACE-1] one that fails outright makes the next start at once", () => {
    const each = race();
    each.begin();
    assert.equal(words(each.failed("websocket", BROKEN)), "+stream 200");
    assert.equal(words(each.failed("stream", { code: 1002, reason: "HTTP 502" })), "+poll 8000");
  });

  test("[RACE-1] the first answer wins, and nothing counts after it", () => {
    const each = race();
    each.begin();
    each.late();
    assert.equal(words(each.answered("stream")), "win stream");
    assert.equal(words(each.failed("websocket", BROKEN)) + words(each.late()), "");
    assert.equal(words(each.answered("websocket")), "");
  });

  test("[RACE-4] where nobody answers one kind of request the other kind is not tried, but at every third try", () => {
    for (const isThorough of [false, true]) {
      const each = race({ isThorough });
      each.begin();
      each.failed("websocket", BROKEN);
      const after = words(each.failed("stream", { code: 1006, reason: "fetch failed" }));
      if (isThorough) assert.equal(after, "+poll 8000");
      else assert.match(after, /^lose/);
    }
  });

  test("[RACE-5] what all said is summed up in one close, and one alone speaks for itself", () => {
    const each = race();
    each.begin();
    each.failed("websocket", BROKEN);
    each.failed("stream", { code: 1002, reason: "HTTP 502" });
    const sum = { code: 1006, reason: "tried WebSocket; event stream: HTTP 502; long polling: gone" };
    assert.deepEqual(each.failed("poll", { code: 1006, reason: "gone" }), [{ kind: "lose", close: sum }]);
    const alone = race({ order: ["stream"] });
    alone.begin();
    const close = { code: 1006, reason: "gone" };
    assert.deepEqual(alone.failed("stream", close), [{ kind: "lose", close }]);
  });

  test("[RACE-5] those that never say anything are named, too", () => {
    const each = race({ order: ["websocket", "stream"] });
    each.begin();
    each.failed("websocket", BROKEN);
    const close = { code: 1006, reason: "tried WebSocket; event stream: no answer" };
    assert.deepEqual(each.late(), [{ kind: "lose", close }]);
  });

  test("[RACE-5] the server's own words end it: nothing more starts, and what runs gets one more head start", () => {
    const refused = {
      code: 1006,
      reason: "HTTP 503",
      refusal: { code: "draining", message: "Restarting.", retryAfterMs: 700 },
    };
    const each = race();
    each.begin();
    each.late();
    assert.equal(words(each.failed("stream", refused)), "100");
    assert.deepEqual(each.late(), [{ kind: "lose", close: refused }]);
    const other = race();
    other.begin();
    other.failed("websocket", BROKEN);
    assert.deepEqual(other.failed("stream", refused), [{ kind: "lose", close: refused }]);
    const socket = race();
    socket.begin();
    const expelled = { code: 4501, reason: "Banned." };
    assert.deepEqual(socket.failed("websocket", expelled), [{ kind: "lose", close: expelled }]);
  });

  test("[RACE-5] a WebSocket that is welcomed after the stream was refused still wins", () => {
    const each = race();
    each.begin();
    each.late();
    each.failed("stream", { ...BROKEN, refusal: { code: "rate-limited", message: "Slowly." } });
    assert.equal(words(each.answered("websocket")), "win websocket");
  });

  test("[RACE-5] a server that does not offer one way may offer another", () => {
    const each = race();
    each.begin();
    each.failed("websocket", BROKEN);
    const refusal = { code: "unknown-frame", message: "There are no streams here." };
    assert.equal(words(each.failed("stream", { code: 1002, reason: "HTTP 501", refusal })), "+poll 8000");
  });
});
