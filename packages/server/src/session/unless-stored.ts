import type { PublishOutcome, PublishRefusal, PublishRequest, Speaker } from "./publish-gate.ts";
import { refusalOf } from "./refusal-of.ts";
import type { Services } from "./services.ts";

/**
 * What becomes of a publish that a hook, a schema or its files refuse. Its sender may have been allowed to when it was
 * stored, and lost the answer: then it is a duplicate, since a refused publish has not been stored.
 *
 * Rule: docs/protocol.md [ONCE-66]. Never rejects.
 */
export async function unlessStored(
  request: PublishRequest,
  speaker: Speaker,
  refusal: PublishRefusal,
  services: Services,
): Promise<PublishOutcome> {
  // Nothing is remembered of who does not come back.
  if (!speaker.remember) return refusal;
  const { gate, appends } = services;
  try {
    const result = await appends.find(gate.append(request, speaker, NOT_ADMITTED));
    return result.kind === "duplicate" ? gate.settle(result, request, speaker, NOT_ADMITTED) : refusal;
  } catch (error) {
    return { kind: "refused", ...refusalOf(error, services) };
  }
}

/** Nothing was taken of any rate, so a flood of what is refused costs others nothing of theirs. */
const NOT_ADMITTED = {
  admit: "duplicate",
  tookPublish: false,
  tookProducer: false,
  retryAfterMs: 0,
} as const;
