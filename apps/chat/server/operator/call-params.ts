import { isJsonObject } from "@parlor/protocol";
import { OperatorRefusal } from "./operator-refusal.ts";

interface Asked {
  readonly params: Readonly<Record<string, unknown>>;
}

/** @throws {OperatorRefusal} */
export function textParam({ params }: Asked, name: string): string {
  const value = params[name];
  if (typeof value === "string" && value !== "") return value;
  throw new OperatorRefusal(400, "bad-frame", `\`${name}\` is missing: a text.`);
}

/** @throws {OperatorRefusal} */
export function numberParam({ params }: Asked, name: string): number {
  const value = params[name];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new OperatorRefusal(400, "bad-frame", `\`${name}\` is missing: a whole number.`);
}

/** @throws {OperatorRefusal} */
export function objectParam({ params }: Asked, name: string): Readonly<Record<string, unknown>> {
  const value = params[name];
  if (isJsonObject(value)) return value;
  throw new OperatorRefusal(400, "bad-frame", `\`${name}\` is missing: an object.`);
}
