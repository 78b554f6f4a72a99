export { encodeSignals } from "./signals.ts";
export { decodeStrictly, encodeMessagesShared, encodeShared, msgpack } from "./msgpack.ts";
