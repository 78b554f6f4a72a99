import type { ProjectionSubject } from "@parlor/testkit";
import { SearchThread } from "../search/search-thread.ts";

/** The index of the search on its thread; its effect is that a message is found. */
export function subjectAt(path: string): ProjectionSubject {
  const projection = new SearchThread(path, true);
  return {
    projection,
    effects: async (room) => {
      const offsets: number[] = [];
      // A search looks at the newest that match; what is older is asked for by its time.
      for (let until: number | null = null; ; ) {
        const question = { text: "said", rooms: [room], from: null, since: null, until, limit: 1_000 };
        const { hits } = await projection.search(question);
        if (hits.length === 0) return offsets.sort((a, b) => a - b);
        offsets.push(...hits.map(({ offset }) => offset));
        until = Math.min(...hits.map(({ at }) => at));
      }
    },
  };
}
