import { bodyToJson, type ClientFrame, type Echo, type ErrorCode } from "@parlor/protocol";
import type { PublishRefusal, PublishRequest } from "./publish-gate.ts";

/** What a publish asks for, with what a frame may leave out. */
export function publishRequest(frame: ClientFrame & { type: "publish" }): PublishRequest {
  return {
    room: frame.room,
    seq: frame.seq,
    afterSeq: frame.afterSeq ?? frame.seq - 1,
    re: frame.re,
    body: frame.body,
    bodyJson: bodyToJson(frame.body) as string,
    producer: frame.producer,
  };
}

/**
 * A publish that is malformed still waits for its turn, since publishes are answered in order. One that
 * can be named is refused in its own shape, so that its sender can settle it.
 */
export function malformedPublish(
  code: ErrorCode,
  message: string,
  echo: Echo,
): { readonly kind: "publish"; readonly request: PublishRequest; readonly fault: PublishRefusal } {
  const { room, seq, producer } = echo;
  const isNamed = room !== undefined && Number.isSafeInteger(seq);
  return {
    kind: "publish",
    request: {
      room: room ?? "",
      seq: isNamed ? (seq as number) : 0,
      afterSeq: 0,
      re: undefined,
      body: null,
      bodyJson: "null",
      producer,
    },
    fault: { kind: "refused", code, message, ...(isNamed ? {} : { unnamed: echo }) },
  };
}
