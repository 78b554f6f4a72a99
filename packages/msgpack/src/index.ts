export { encodeMessagesShared, encodeShared, msgpack } from "./msgpack.ts";
