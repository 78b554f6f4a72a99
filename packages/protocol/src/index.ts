export { bodyFromJson, bodyOf, bodyToJson, mayHoldBytes } from "./body-json.ts";
export type * from "./client-frames.ts";
export {
  CLOSE_CODES,
  ERROR_CODES,
  isErrorCode,
  isPermanentRefusal,
  mayComeBack,
  type ErrorCode,
  type ErrorCodeEntry,
} from "./codes.ts";
export {
  decodeClientFrame,
  isIdentityKey,
  isProducer,
  type DecodedClientFrame,
  type Echo,
  isClientFrameType,
} from "./decode-client-frame.ts";
export { decodeServerFrame } from "./decode-server-frame.ts";
export { readRoomFrame, readServerFrame, type DecodedServerFrame } from "./read-server-frame.ts";
export {
  OPENED_SUBPROTOCOL,
  OPENING_PREFIX,
  offeredWith,
} from "./early-opening.ts";
export {
  encodeFrame,
  encodeMessage,
  encodeMessagesFrame,
  encodeSignal,
  encodeSignalFrame,
  encodeSignalsFrame,
  type EncodableMessage,
  type EncodableSignal,
} from "./encode.ts";
export { changeBodies } from "./frame-bodies.ts";
export type { DecodedBytes, FrameEncoding, ReceivedFrame } from "./frame-encoding.ts";
export { socketEncoding, type SocketEncoding } from "./socket-encoding.ts";
export type { WebSocketConstructor, WebSocketLike } from "./web-socket.ts";
export { isJsonObject, jsonFault, parseJson, type JsonObject, type ParsedJson } from "./json.ts";
export * from "./limits.ts";
export { plainFrame, plainTextOf } from "./plain-text.ts";
export { formatPosition, isEpoch, isOffset, parseOffset, parsePosition, type Position } from "./position.ts";
export { isReservedRoom, isRoomName, roomNameFault } from "./room-name.ts";
export type * from "./server-frames.ts";
export { PROTOCOL_VERSION, SUBPROTOCOL } from "./version.ts";
