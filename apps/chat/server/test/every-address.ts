import type { Act } from "@parlor/moderation";
import type { ClientFrameType } from "@parlor/protocol";
import type { Address } from "@parlor/server/cores";

/** Names of attempts, or why nothing of a room is there to be had. */
type Tried = readonly string[] | string;

/** By kind, so that an address that is new is no program until it stands here. */
export const ADDRESSES: Readonly<Record<Address["kind"], Tried>> = {
  room: ["a plain room"],
  "room-messages": [
    "REST history",
    "REST publish",
    "REST without a key",
    "REST with an idempotency key",
    "the event feed",
    "the head of the event feed",
  ],
  "room-files": ["a file by a pass", "a pass without a key", "an upload"],
  "room-file": ["a file", "a file without a key"],
  "room-upload": "An upload begins at `room-files`; what comes later is judged by who began it, see MOD-28.",
  connect: ["subscribe by WebSocket", "publish by WebSocket"],
  "connect-stream": ["a stream"],
  "connect-poll": ["a poll"],
  "connect-send": ["history by send", "publish by send", "set by send", "signal by send", "search", "unread"],
  healthz: "It says of no room.",
  readyz: "It says of no room.",
  metrics: "It counts, and names no room.",
  status: "Rooms are shown with the operator's key alone.",
  "bad-room": "It is refused.",
  "bad-target": "It is refused.",
};

/** The same for what a connection says. */
export const FRAMES: Readonly<Record<ClientFrameType, Tried>> = {
  hello: "It names no room.",
  renew: "It names no room.",
  subscribe: ["subscribe by WebSocket", "presence by WebSocket", "a stream", "a poll"],
  unsubscribe: "It ends what was allowed.",
  publish: ["publish by WebSocket", "publish by send"],
  signal: ["signal by WebSocket", "signal by send"],
  set: ["set by WebSocket", "set by send"],
  history: ["history by WebSocket", "history by send"],
  request: ["search", "unread"],
  ping: "It names no room.",
  pong: "It names no room.",
};

/** Of the pages, which the host serves beside the server's own addresses. */
export const PAGES: readonly string[] = ["the page without a script", "the form"];

/** By the method of a request: names of attempts, or what may be asked without a right. */
export const METHODS: Readonly<Record<string, Tried>> = {
  search: ["search"],
  unread: ["unread"],
  "moderation.see": "Says what the room is, and nothing that was said in it.",
  "moderation.claim": "Tried by hand: a room that others made, and those that are nobody's.",
  "moderation.look": "Says what a link allows, to who has it.",
  "moderation.accept": "Gives what the link says.",
  "moderation.act": "Tried with each act.",
  "moderation.links": "Tells those below one's own: none to who has none.",
  "moderation.report": "For who may read; tried here.",
  "moderation.queue": "Tried by hand.",
  "moderation.people": "Tried by hand.",
};

const NOBODY = "a".repeat(22);

/** Every act there is, as nobody may do it who has no right. By kind, for the same reason. */
export function everyAct(identity: string): readonly { readonly kind: string }[] {
  const [other, range] = ["somebody-else", "203.0.113.0/24"];
  const byKind: Readonly<Record<Act["kind"], object>> = {
    pin: { offset: 1 },
    unpin: { offset: 1 },
    remove: { offset: 1 },
    mode: { mode: "open" },
    lock: { on: false },
    slow: { ms: 1 },
    screen: { on: true },
    mute: { identity: other, forMs: null },
    unmute: { identity },
    ban: { identity: other, forMs: null },
    unban: { identity },
    clear: { identity: other },
    link: { right: "reader", forMs: null },
    revoke: { link: NOBODY },
    decide: { offset: 1, verdict: "remove" },
    "let-through": { held: NOBODY },
    drop: { held: NOBODY },
    "ban-range": { range, forMs: null },
    "unban-range": { range },
  };
  return Object.entries(byKind).map(([kind, rest]) => ({ kind, ...rest }));
}
