import { parentPort } from "node:worker_threads";
import { comeBehindOthers } from "./come-behind-others.ts";
import type { SearchAnswers, SearchCall, SearchReply, SearchRequest } from "./search-messages.ts";
import { SearchStore, SearchView } from "./search-store.ts";

/** Entry of a thread that indexes or searches, so that neither holds up the server. */
if (parentPort === null) throw new Error("this file is the entry of a worker thread");
const port = parentPort;
let store: SearchStore | null = null;
let view: SearchView | null = null;

function opened(): SearchStore {
  if (store === null) throw new Error("the search's file is not open");
  return store;
}

async function answer(request: SearchRequest): Promise<SearchAnswers[SearchRequest["kind"]]> {
  switch (request.kind) {
    case "open":
      if (!request.isIndexer) view ??= new SearchView(request.path);
      else store ??= new SearchStore(request.path, request.now);
      // Rule: [SEARCH-12]. One in memory searches, too.
      if (request.isIndexer && request.path !== ":memory:") comeBehindOthers();
      return store?.positions.madeAt ?? 0;
    case "position":
      return opened().positions.find(request.room);
    case "positions":
      return opened().positions.page(request.afterName, request.limit);
    case "take":
      return opened().take(request.step);
    case "is-rebuild-wanted":
      return opened().positions.isRebuildWanted;
    case "rebuild":
      opened().rebuild(request.now);
      return null;
    case "search":
      return (view ?? opened()).search(request.question);
    case "unread":
      return (view ?? opened()).unread(request.question);
    case "close":
      store?.close();
      view?.close();
      port.close();
      return null;
  }
}

port.on("message", ({ id, request }: SearchCall) => {
  const reply = (said: SearchReply): void => port.postMessage(said);
  answer(request).then(
    (value) => reply({ id, value }),
    (fault: unknown) => reply({ id, fault: fault instanceof Error ? fault.message : String(fault) }),
  );
});
