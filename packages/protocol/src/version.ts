/**
 * The version of the wire, one line of history for each, with its reason.
 *
 * 1  2026-11  The first: rooms as logs, cursors, producers and seqs.
 *    2026-11-28  `set` may carry an `id`, which asks for a `reply`: whoever sets wants to know that it is kept.
 *    2026-11-28  `reply.error` may say `retryAfterMs`, as refusals of other frames do; who does not know it ignores it.
 *    2026-11-28  `subscribe` may ask for `"signals":"batched"`, and then `signals` frames come: one write for what many say at once.
 *    2026-11-28  Bodies may be bytes, in JSON `{"$bytes":"…"}`: to who does not know it, it is an object like others.
 *    2026-11-28  The subprotocol `parlor.v1.msgpack` beside `parlor.v1`: the same frames in MessagePack.
 *    2026-11-28  The opening may come in the request for the WebSocket: a first message comes a round trip sooner.
 *    2026-11-28  `publish` may name its `producer`, which its answer repeats, where `welcome` says `producers`: the tabs of a browser share a connection.
 *    2026-11-28  A poll ends with a `signals` frame that has `next`, which the next poll says as `heard`: what is said between two polls is heard.
 *
 * A change that an older peer would misread needs a new number and a new subprotocol name; a member
 * that an older peer may ignore does not. The alarm test in `wire-alarm.test.ts` asks which it is.
 */
export const PROTOCOL_VERSION = 1;

/** The WebSocket subprotocol of this version. */
export const SUBPROTOCOL = "parlor.v1";
