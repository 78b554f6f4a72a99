import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { race, type Race, type RaceSettings } from "./race.ts";

const BROKEN = { code: 1006, reason: "" };

/** A race, and what it wants done since it was last asked, as short words: `+stream` starts it, `100` sets the timer. */
function begin(over: Partial<RaceSettings> = {}): { readonly race: Race; readonly news: () => string } {
  const words: (string | number)[] = [];
  const settings: RaceSettings = {
    order: ["websocket", "stream", "poll"],
    headStartMs: 100,
    isThorough: false,
  };
  const own = race(
    { ...settings, ...over },
    {
      start: (runner) => words.push(`+${runner}`),
      wait: (forMs) => words.push(forMs),
      lose: (close) => words.push(`lose ${JSON.stringify(close)}`),
    },
  );
  own.begin();
  return { race: own, news: () => words.splice(0).join(" ") };
}

describe("race", () => {
  test("[RACE-1] the first has a head start, the next starts beside it, the last after twice that", () => {
    const { race, news } = begin();
    assert.equal(news(), "+websocket 100");
    race.late();
    assert.equal(news(), "+stream 200");
    race.late();
    assert.equal(news(), "+poll 8000");
  });

  test("[RACE-1] one that fails outright makes the next start at once", () => {
    const { race, news } = begin();
    news();
    race.failed("websocket", BROKEN);
    assert.equal(news(), "+stream 200");
    race.failed("stream", { code: 1002, reason: "HTTP 502" });
    assert.equal(news(), "+poll 8000");
  });

  test("[RACE-1] the first answer wins, and nothing counts after it", () => {
    const { race, news } = begin();
    race.late();
    news();
    race.answered();
    race.failed("websocket", BROKEN);
    race.late();
    assert.equal(news(), "");
  });

  test("[RACE-4] where nobody answers one kind of request the other kind is not tried, but at every third try", () => {
    for (const isThorough of [false, true]) {
      const { race, news } = begin({ isThorough });
      race.failed("websocket", BROKEN);
      news();
      race.failed("stream", { code: 1006, reason: "fetch failed" });
      assert.match(news(), isThorough ? /^\+poll 8000$/ : /^lose/);
    }
  });

  test("[RACE-5] what all said is summed up in one close, and one alone speaks for itself", () => {
    const { race, news } = begin();
    race.failed("websocket", BROKEN);
    race.failed("stream", { code: 1002, reason: "HTTP 502" });
    news();
    race.failed("poll", { code: 1006, reason: "gone" });
    const sum = { code: 1006, reason: "tried WebSocket; event stream: HTTP 502; long polling: gone" };
    assert.equal(news(), `lose ${JSON.stringify(sum)}`);
    const alone = begin({ order: ["stream"] });
    alone.news();
    const close = { code: 1006, reason: "gone" };
    alone.race.failed("stream", close);
    assert.equal(alone.news(), `lose ${JSON.stringify(close)}`);
  });

  test("[RACE-5] those that never say anything are named, too", () => {
    const { race, news } = begin({ order: ["websocket", "stream"] });
    race.failed("websocket", BROKEN);
    news();
    race.late();
    const close = { code: 1006, reason: "tried WebSocket; event stream: no answer" };
    assert.equal(news(), `lose ${JSON.stringify(close)}`);
  });

  test("[RACE-5] the server's own words end it: nothing more starts, and what runs gets one more head start", () => {
    const refused = {
      code: 1006,
      reason: "HTTP 503",
      refusal: { code: "draining", message: "Restarting.", retryAfterMs: 700 },
    };
    const { race, news } = begin();
    race.late();
    news();
    race.failed("stream", refused);
    assert.equal(news(), "100");
    race.late();
    assert.equal(news(), `lose ${JSON.stringify(refused)}`);
    const other = begin();
    other.race.failed("websocket", BROKEN);
    other.news();
    other.race.failed("stream", refused);
    assert.equal(other.news(), `lose ${JSON.stringify(refused)}`);
    const socket = begin();
    socket.news();
    const expelled = { code: 4501, reason: "Banned." };
    socket.race.failed("websocket", expelled);
    assert.equal(socket.news(), `lose ${JSON.stringify(expelled)}`);
  });

  test("[RACE-5] a WebSocket that is welcomed after the stream was refused still wins", () => {
    const { race, news } = begin();
    race.late();
    race.failed("stream", { ...BROKEN, refusal: { code: "rate-limited", message: "Slowly." } });
    news();
    race.answered();
    race.late();
    assert.equal(news(), "");
  });

  test("[RACE-5] a server that does not offer one way may offer another", () => {
    const { race, news } = begin();
    race.failed("websocket", BROKEN);
    news();
    const refusal = { code: "unknown-frame", message: "There are no streams here." };
    race.failed("stream", { code: 1002, reason: "HTTP 501", refusal });
    assert.equal(news(), "+poll 8000");
  });
});
