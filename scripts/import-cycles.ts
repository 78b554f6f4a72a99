/**
 * Finds circles in a graph of files: for each knot of files that all reach one another, one shortest way
 * round, beginning with the file whose name comes first.
 */
export function importCycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const cycles: string[][] = [];
  const inKnownKnot = new Set<string>();
  for (const file of [...graph.keys()].sort()) {
    if (inKnownKnot.has(file)) continue;
    const cycle = shortestCycle(graph, file);
    if (cycle === null) continue;
    cycles.push(cycle);
    for (const other of graph.keys()) {
      if (reaches(graph, file, other) && reaches(graph, other, file)) inKnownKnot.add(other);
    }
  }
  return cycles;
}

function shortestCycle(graph: ReadonlyMap<string, ReadonlySet<string>>, start: string): string[] | null {
  const cameFrom = walk(graph, start);
  if (!cameFrom.has(start)) return null;
  const cycle: string[] = [];
  let at = cameFrom.get(start) as string;
  for (; at !== start; at = cameFrom.get(at) as string) cycle.unshift(at);
  return [start, ...cycle];
}

function reaches(graph: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  return walk(graph, from).has(to);
}

/** Breadth first: for each file that can be reached, the one before it on a shortest way. */
function walk(graph: ReadonlyMap<string, ReadonlySet<string>>, start: string): Map<string, string> {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let i = 0; i < queue.length; i++) {
    const file = queue[i] as string;
    for (const next of graph.get(file) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return cameFrom;
}
