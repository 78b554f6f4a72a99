import { judge } from "./judge.ts";
import type { PublishOutcome, PublishRequest, Speaker } from "./publish-gate.ts";
import { refusalOf } from "./refusal-of.ts";
import type { Services } from "./services.ts";
import { unlessStored } from "./unless-stored.ts";

/**
 * One publish that came by itself, not on a connection: asks form, right, rate and log, in that order,
 * and fulfils when it is durable, or with why it is not stored. Never rejects.
 */
export async function publishOnce(
  asked: PublishRequest,
  speaker: Speaker,
  services: Services,
): Promise<PublishOutcome> {
  const { gate, appends, clock } = services;
  const fault = gate.fault(asked);
  if (fault !== null) return fault;
  const { identity, address } = speaker;
  const question = { identity, action: "publish", room: asked.room, re: asked.re, address } as const;
  const judged = await judge(question, asked, services);
  if ("code" in judged) return await unlessStored(asked, speaker, { kind: "refused", ...judged }, services);
  const publish = { ...asked, ...judged };
  const admission = gate.admit(speaker, false, clock.monotonic());
  try {
    const append = gate.append(publish, speaker, admission);
    return gate.settle(await appends.append(append), publish, speaker, admission);
  } catch (error) {
    gate.abandon(speaker, admission);
    return { kind: "refused", ...refusalOf(error, services) };
  }
}
