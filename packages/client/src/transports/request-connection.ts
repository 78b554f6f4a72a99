import type { HttpPlatform } from "./exchange.ts";
import { requestLink, type RequestLink } from "./request-link.ts";
import { frameType, type Lane } from "./send-lane.ts";
import type { TransportConnection, TransportListener } from "./transport.ts";

/** The way down of a connection that is made of requests. */
export interface Downward {
  /** Asks for what the opening says now, and hears no more of what it asked for before. */
  renew(): void;
  /** Says that all that came down has been read, where somebody asks for that. */
  pong?(text: string): void;
}

/**
 * Frames that a request which is under way can't carry any more, since its body is sent. Instead of them
 * a new one begins, whose opening says the same: the rooms as they are wanted now, the token as it is
 * now. And to a client that doubts its link, a request that is answered says more than a `pong`.
 */
const RENEWING = /^(?:subscribe|unsubscribe|renew|ping)$/;

/**
 * A connection made of HTTP requests: one downward that lasts, in whatever way, and a lane upward.
 * Every request is complete by itself, so each may be answered by another server.
 */
export function openRequests(
  platform: HttpPlatform,
  listener: TransportListener,
  laneOf: (link: RequestLink) => Lane,
  downwardOf: (link: RequestLink) => Downward,
): TransportConnection {
  const link = requestLink(platform, listener);
  const downward = downwardOf(link);
  const say = laneOf(link);
  let isRenewing = false;
  /** Once for all that one turn asks for. */
  const renew = (): void => {
    if (isRenewing) return;
    isRenewing = true;
    queueMicrotask(() => {
      isRenewing = false;
      if (!link.over.aborted) downward.renew();
    });
  };
  renew();
  queueMicrotask(() => {
    if (!link.over.aborted) listener.onOpen();
  });
  return {
    send(text) {
      if (link.over.aborted) return;
      const type = frameType(text);
      if (RENEWING.test(type)) renew();
      else if (type === "pong") downward.pong?.(text);
      else say(text, type);
    },
    close: link.end,
  };
}
