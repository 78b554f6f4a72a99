/**
 * How long the network took for this page, ms: from the request for it to the first byte of the answer.
 * null where there is no page, where it is another server's, and where it came from a cache.
 */
export function pageRoundTripMs(serverOrigin: string): number | null {
  if (globalThis.document?.location.origin !== serverOrigin) return null;
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  // Nothing was transferred where it came from a cache.
  if (!visit?.transferSize) return null;
  const tookMs = visit.responseStart - visit.requestStart;
  return tookMs > 0 ? tookMs : null;
}
