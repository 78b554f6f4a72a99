import type { RequestListener } from "node:http";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError, systemClock } from "@parlor/base";
import { mayInArena, startArena } from "@parlor/game/server";
import { openLog, RemoteLog, type RoomLog, type SignalBus } from "@parlor/log";
import { type AuthorizeQuestion, Parlor, stderrLogger, talkativeLogger } from "@parlor/server";
import { IN_MEMORY } from "@parlor/server/projections";
import { isTicker, mayInTicker, startTicker } from "@parlor/stock-ticker/server";
import { isDeletion } from "./deletions.ts";
import type { Settings } from "./flag-table.ts";
import { openFiles } from "./kept-files.ts";
import { LivePages } from "./live/live-pages.ts";
import { listenForOperator } from "./operator-commands.ts";
import { createPages } from "./page.ts";
import { READERS_FOLDER } from "./readers-folder.ts";
import { SearchDesk } from "./search/search-desk.ts";
import { SearchThread } from "./search/search-thread.ts";
import { StartFault } from "./start-fault.ts";
import { ownerMetricsOf } from "./workers/ask-owner.ts";

/** A server that takes connections. */
export interface Served {
  /** Where, with the base path: `http://127.0.0.1:8080/`. */
  readonly url: string;
  /** Where rooms are kept, as a sentence. */
  readonly keptWhere: string;
  readonly log: RoomLog;
  /** Stores and answers what was accepted, sends everybody away, and closes the log. Takes some seconds. */
  stop(): Promise<void>;
}

/**
 * Opens the log, puts a Parlor and the pages on it, and listens.
 * @throws {StartFault} what was asked for can't be had here: folder, port, address
 */
export async function serve(settings: Settings, version: string): Promise<Served> {
  return serveLog(await openKept(settings), settings, version);
}

/**
 * Opens the log that the settings name.
 * @throws {StartFault} it can't be had here
 */
export function openKept({ log, data, retainMessages, retainDays, retainBytes }: Settings): Promise<RoomLog> {
  return orFault(() =>
    openLog(log, resolve(data), {
      retention: { messages: retainMessages, days: retainDays, bytes: retainBytes },
    }),
  );
}

/**
 * Serves a log that is open, and closes it at the end, or where it can't be served.
 * @param worker  Which of several processes on one port this is; undefined where it is the only one.
 * @param bus  How it speaks with those others.
 * @param sharedFolder  Where those others may keep, for as long as they live, what belongs to a log in memory.
 * @throws {StartFault} the port or address can't be had here
 */
export async function serveLog(
  log: RoomLog,
  settings: Settings,
  version: string,
  worker?: string,
  bus?: SignalBus,
  sharedFolder?: string,
): Promise<Served> {
  // The supervisor keeps one worker of each number, so that what has one owner has one.
  const isOwner = worker === undefined || worker === "1";
  let kept: Awaited<ReturnType<typeof openFiles>> | null = null;
  let begun: Parlor | null = null;
  const { index, searching } = searchThreads(searchPath(settings, sharedFolder), isOwner);
  const desk = new SearchDesk({
    search: (question) => searching.search(question),
    mayRead: (identity, room) => mayAct({ identity, action: "history", room }),
    clock: systemClock,
  });
  try {
    kept = await orFault(() => openFiles(settings, isOwner));
    const { files } = kept;
    const parlor = new Parlor({
      log,
      files,
      bus,
      basePath: settings.basePath,
      origins: settings.origins,
      trustProxy: settings.trustProxy,
      publishPerSecond: settings.publishPerSecond,
      connectionsPerAddress: settings.connectionsPerAddress,
      maxBodyBytes: settings.maxBodyBytes,
      heartbeatMs: settings.heartbeatMs,
      signalsPerSecond: settings.signalsPerSecond,
      operatorKey: settings.operatorKey === "" ? undefined : settings.operatorKey,
      version,
      worker,
      moreMetrics: log instanceof RemoteLog ? ownerMetricsOf(log) : undefined,
      erases: isDeletion,
      authorize: mayAct,
      requests: { search: (question) => desk.answer(question) },
      volatileState: isTicker,
      events: settings.events !== "none",
      logger: settings.events === "none" ? stderrLogger : talkativeLogger,
    });
    begun = parlor;
    const pages = createPages(settings.basePath, {
      chat: join(import.meta.dirname, "..", "web", "dist"),
      tutorial: join(dirname(fileURLToPath(import.meta.resolve("@parlor/tutorial/package.json"))), "pages"),
    });
    if (index !== null) parlor.project("search", {}, index);
    const game = isOwner ? await startArena(parlor) : null;
    const ticker = await startTicker(parlor, isOwner);
    const live = new LivePages(parlor, settings.basePath);
    const fallback: RequestListener = (request, response) => {
      if (!live.handle(request, response)) pages(request, response);
    };
    const { url } = await orFault(() =>
      parlor.listen({ port: settings.port, host: settings.host, fallback }),
    );
    const operator = isOwner ? await listenForOperator(logFolder(settings), parlor, log) : null;
    return {
      url,
      keptWhere: keptWhere(settings),
      log,
      stop: async () => {
        game?.close();
        ticker.close();
        await parlor.drain();
        await operator?.close();
        await kept?.close();
        await searching.close();
        await index?.close();
        await log.close();
      },
    };
  } catch (error) {
    await begun?.close();
    await kept?.close();
    await searching.close();
    await index?.close();
    await log.close();
    throw error;
  }
}

const mayAct = (question: AuthorizeQuestion): boolean => mayInArena(question) && mayInTicker(question);

/** Searches have a thread of their own: none waits while messages are indexed. What is in memory has one for both. */
function searchThreads(
  path: string,
  isOwner: boolean,
): { readonly index: SearchThread | null; readonly searching: SearchThread } {
  const index = isOwner ? new SearchThread(path, true) : null;
  return { index, searching: index !== null && path === IN_MEMORY ? index : new SearchThread(path, false) };
}

/** The index lies beside the log; of one in memory it is gone with it. */
function searchPath(settings: Settings, sharedFolder: string | undefined): string {
  const folder = logFolder(settings) ?? sharedFolder;
  return folder === undefined ? IN_MEMORY : join(folder, READERS_FOLDER, "search.db");
}

/** Null for a log in memory. */
function logFolder({ log, data }: Pick<Settings, "log" | "data">): string | null {
  if (log === "memory:") return null;
  return resolve(log === "sqlite:" ? data : log.slice("sqlite:".length));
}

/** Coded errors and those of the system speak of what was asked for; anything else is a fault of ours. */
export async function orFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CodedError) throw new StartFault(error.message, error);
    const { path } = error as NodeJS.ErrnoException;
    if (path !== undefined) throw new StartFault(`${path} can't be used: ${(error as Error).message}`, error);
    throw error;
  }
}

function keptWhere(settings: Settings): string {
  const folder = logFolder(settings);
  return folder === null
    ? "Rooms are kept in memory, and gone when it ends."
    : `Rooms are kept in ${folder}.`;
}
