import type { RequestListener } from "node:http";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError, systemClock } from "@parlor/base";
import { isArena, mayInArena } from "@parlor/game/server";
import { Moderation } from "@parlor/moderation";
import { openLog, RemoteLog, type Retention, type RoomLog } from "@parlor/log";
import {
  type Authorize,
  type AuthorizeQuestion,
  Parlor,
  stderrLogger,
  talkativeLogger,
} from "@parlor/server";
import { IN_MEMORY } from "@parlor/server/projections";
import { isTicker, mayInTicker } from "@parlor/stock-ticker/server";
import { FIRST_ROOM } from "../web/model/route.ts";
import { isDeletion } from "./deletions.ts";
import { startExamples, startSharedExamples } from "./examples.ts";
import type { Settings } from "./flag-table.ts";
import { openFiles } from "./kept-files.ts";
import { LivePages } from "./live/live-pages.ts";
import { listenForOperator } from "./operator-commands.ts";
import { isNats, openNats } from "./nats/open-nats.ts";
import { patiently } from "./nats/patiently.ts";
import type { OpenedLog } from "./opened-log.ts";
import { operatorCalls } from "./operator/operator-calls.ts";
import { OperatorJobs } from "./operator/operator-jobs.ts";
import { SharedJobs } from "./operator/shared-jobs.ts";
import { OperatorSite } from "./operator/operator-site.ts";
import { createPages } from "./page.ts";
import { readPreviewHosts, type PreviewHosts } from "./previews/preview-hosts.ts";
import { PreviewCounts } from "./previews/preview-counts.ts";
import { startPreviews } from "./previews/preview-reader.ts";
import { READERS_FOLDER } from "./readers-folder.ts";
import { SearchDesk } from "./search/search-desk.ts";
import { SearchThread } from "./search/search-thread.ts";
import { StartFault } from "./start-fault.ts";
import { ownerMetricsOf } from "./workers/ask-owner.ts";
import type { FromChild } from "./workers/messages.ts";

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
 * @param locks  Whether this process keeps others out of the data folder, where the log does not.
 * @throws {StartFault} it can't be had here
 */
export function openKept(settings: Settings, locks = true): Promise<OpenedLog> {
  if (isNats(settings.log)) return orFault(() => openNats(settings, locks));
  return orFault(async () => {
    const log = await openLog(settings.log, resolve(settings.data), { retention: retentionOf(settings) });
    return { log, close: () => log.close() };
  });
}

function retentionOf(settings: Settings): Retention {
  const { retainMessages: messages, retainDays: days, retainBytes: bytes } = settings;
  return { messages, days, bytes };
}

/**
 * Serves a log that is open, and closes it at the end, or where it can't be served.
 * @param worker  Which of several processes on one port this is; undefined where it is the only one.
 * @param sharedFolder  Where those others may keep, for as long as they live, what belongs to a log in memory.
 * @throws {StartFault} the port or address can't be had here
 */
export async function serveLog(
  opened: OpenedLog,
  settings: Settings,
  version: string,
  worker?: string,
  sharedFolder?: string,
): Promise<Served> {
  const { log, bus, promise } = opened;
  // The supervisor keeps one worker of each number, so that what has one owner has one.
  const isOwner = worker === undefined || worker === "1";
  let kept: Awaited<ReturnType<typeof openFiles>> | null = null;
  let begun: Parlor | null = null;
  const moderation = await openModeration(opened, settings);
  const mayDo: Authorize = (question, about) => mayAct(question) && moderation.authorize(question, about);
  const { index, searching } = searchThreads(searchPath(settings, sharedFolder), isOwner);
  const desk = new SearchDesk({
    search: (question) => searching.search(question),
    unread: (question) => searching.unread(question),
    mayRead: ({ identity, address }, room) =>
      mayDo({ identity, action: "history", room }, { address }) === true,
    clock: systemClock,
  });
  const previewed: PreviewHosts = readPreviewHosts(settings.linkPreviews) ?? { kind: "none" };
  const looksAtPages = isOwner && previewed.kind !== "none";
  const previewCounts = new PreviewCounts();
  const logMetrics = log instanceof RemoteLog ? ownerMetricsOf(log) : opened.moreMetrics;
  try {
    // What one node keeps no other could show.
    const takesFiles = opened.blobs !== undefined || !isNats(settings.log);
    kept = takesFiles ? await orFault(() => openFiles(opened, settings, isOwner, worker)) : null;
    const parlor = new Parlor({
      log,
      files: kept?.files,
      bus,
      promise,
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
      moreMetrics: async () => `${(await logMetrics?.()) ?? ""}${looksAtPages ? previewCounts.text : ""}`,
      erases: isDeletion,
      authorize: mayDo,
      requests: {
        ...desk.requests,
        ...moderation.requests,
      },
      volatileState: isTicker,
      events: settings.events !== "none",
      logger: settings.events === "none" ? stderrLogger : talkativeLogger,
      readers: readersFolder(settings, sharedFolder),
    });
    begun = parlor;
    const pages = createPages(
      settings.basePath,
      {
        chat: join(import.meta.dirname, "..", "web", "dist"),
        tutorial: join(dirname(fileURLToPath(import.meta.resolve("@parlor/tutorial/package.json"))), "pages"),
      },
      { takesFiles },
    );
    moderation.serve(parlor);
    if (index !== null) parlor.project("search", {}, index);
    if (looksAtPages) startPreviews(parlor, previewed, systemClock, previewCounts);
    const isShared = isNats(settings.log) && bus !== undefined;
    const examples = isShared ? await startSharedExamples(parlor, bus) : await startExamples(parlor, isOwner);
    const live = new LivePages(parlor, settings.basePath);
    const site = new OperatorSite(
      parlor,
      settings.basePath,
      operatorCalls(
        parlor,
        log,
        moderation,
        retentionOf(settings),
        worker === undefined ? stopOneself : stopAllWorkers,
        settings.operatorKey,
      ),
    );
    const begin = (): OperatorJobs => new OperatorJobs(parlor, log, moderation);
    const jobs = !isOwner ? null : isShared ? new SharedJobs(bus, begin) : begin();
    if (jobs !== null) parlor.operator.addFigures(() => ({ jobs: jobs.shown }));
    const fallback: RequestListener = (request, response) => {
      if (site.handle(request, response) || live.handle(request, response)) return;
      pages(request, response);
    };
    const { url } = await orFault(() =>
      parlor.listen({ port: settings.port, host: settings.host, fallback }),
    );
    const operator = isOwner ? await listenForOperator(logFolder(settings), parlor, log, moderation) : null;
    return {
      url,
      keptWhere: opened.keptWhere ?? keptWhere(settings),
      log,
      stop: async () => {
        jobs?.close();
        examples.close();
        await parlor.drain();
        await operator?.close();
        await moderation.close();
        await kept?.close();
        await searching.close();
        await index?.close();
        await opened.close();
      },
    };
  } catch (error) {
    await begun?.close();
    await moderation.close();
    await kept?.close();
    await searching.close();
    await index?.close();
    await opened.close();
    throw error;
  }
}

/** What rooms' moderators said holds from the first connection on. */
async function openModeration(opened: OpenedLog, settings: Settings): Promise<Moderation> {
  const open = (): Promise<Moderation> => Moderation.open({ log: opened.log, canBeOwned });
  try {
    // A cluster may have been opened and have no leader a moment later.
    return isNats(settings.log) ? await patiently(open) : await open();
  } catch (error) {
    await opened.close();
    if (error instanceof CodedError) throw new StartFault(error.message, error);
    throw error;
  }
}

/** Everybody's first room is nobody's, and examples are the server's own. */
const canBeOwned = (room: string): boolean => room !== FIRST_ROOM && !isArena(room) && !isTicker(room);

/** As a supervisor of the system would. */
const stopOneself = (): void => void process.kill(process.pid, "SIGTERM");
const stopAllWorkers = (): void => void process.send?.({ kind: "stop-all" } satisfies FromChild);

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
  const folder = readersFolder(settings, sharedFolder);
  return folder === IN_MEMORY ? IN_MEMORY : join(folder, "search.db");
}

function readersFolder(settings: Settings, sharedFolder: string | undefined): string {
  const folder = logFolder(settings) ?? sharedFolder;
  return folder === undefined ? IN_MEMORY : join(folder, READERS_FOLDER);
}

/** Null for a log in memory. */
function logFolder({ log, data }: Pick<Settings, "log" | "data">): string | null {
  if (log === "memory:") return null;
  if (isNats(log)) return resolve(data);
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
