/** The log's own epoch, with a suffix for a room that was deleted and made again. */
export function epochOf(logEpoch: string, generation: number): string {
  return generation === 0 ? logEpoch : `${logEpoch}.${generation}`;
}
