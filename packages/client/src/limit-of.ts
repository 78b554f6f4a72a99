/** A limit of the server's; the protocol's default where it did not tell it, or tells no sense of it. */
export function limitOf(told: unknown, byDefault: number): number {
  return typeof told === "number" && told > 0 ? told : byDefault;
}
