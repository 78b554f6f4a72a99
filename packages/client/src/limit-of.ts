import { DEFAULT_LIMITS, type Limits } from "@parlor/protocol";

/** A limit of the server's. What it did not tell, or tells no sense of, is as the protocol's defaults say. */
export function limitOf(told: Partial<Limits>, name: keyof Limits): number {
  const limit: unknown = told[name];
  return typeof limit === "number" && limit > 0 ? limit : DEFAULT_LIMITS[name];
}
