/** The log's own epoch, with a suffix for a room that was deleted and made again. */
export function epochOf(logEpoch: string, generation: number): string {
  return generation === 0 ? logEpoch : `${logEpoch}.${generation}`;
}

/**
 * Whether a room under `other` is the one under `epoch` before it was deleted (negative), the same (0), or what came of
 * it when it was deleted (positive); null where they are two histories that never were one.
 */
export function generationsApart(epoch: string, other: string): number | null {
  const [base, ...generations] = epoch.split(".");
  const [otherBase, ...others] = other.split(".");
  if (base !== otherBase) return null;
  // A room that was copied under a suffix and deleted there has two.
  for (let i = 0; i < Math.max(generations.length, others.length); i++) {
    const apart = Number(others[i] ?? 0) - Number(generations[i] ?? 0);
    if (apart !== 0) return apart;
  }
  return 0;
}
