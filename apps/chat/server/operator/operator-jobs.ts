import { systemClock } from "@parlor/base";
import type { RoomLog } from "@parlor/log";
import type { Moderation } from "@parlor/moderation";
import { type Parlor, stderrLogger } from "@parlor/server";
import { eraseOf } from "./erase-of.ts";
import { actIn, ACTS_ROOM, allActs, noteAct, type OperatorAct, type StoredAct } from "./operator-acts.ts";

type JobAct = OperatorAct & { readonly kind: "erase" | "delete-room" };

/** A job and how far it is. */
export interface Job {
  readonly id: string;
  readonly kind: JobAct["kind"];
  /** The identity, or the room. */
  readonly of: string;
  state: "waiting" | "running" | "done" | "failed";
  /** 0 to 1; null where it can't be told. */
  share: number | null;
  /** So far: bodies that were erased now or before, and the rooms in which they were. */
  messages: number;
  rooms: number;
  /** Why it failed, as a sentence. */
  fault: string | null;
}

/** Jobs that are over are shown for as long as there are no more than this. */
const MAX_SHOWN = 50;

/** A job that the log could not serve is tried again after so long, ms. */
const RETRY_MS = 5_000;

/**
 * What takes time, one after the other, in the process that is the log's owner, or the first of the workers. What was
 * asked stands in the log before it begins and behind its end, so who is started after a crash goes on: each job can be
 * done twice. Whichever process was asked, this one hears of it by the log.
 */
export class OperatorJobs {
  readonly #parlor: Parlor;
  readonly #log: RoomLog;
  readonly #moderation: Moderation;
  readonly #jobs = new Map<string, { readonly act: JobAct; readonly job: Job }>();
  #isRunning = false;
  #isClosed = false;
  #subscription: { close(): void } | null = null;
  #wake: (() => void) | null = null;

  /** Takes up what was not finished, as soon as the log can be read, and hears of what is asked from now on. */
  constructor(parlor: Parlor, log: RoomLog, moderation: Moderation) {
    this.#moderation = moderation;
    this.#parlor = parlor;
    this.#log = log;
    void this.#start();
  }

  async #start(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#listen();
        return;
      } catch (fault) {
        if (this.#isClosed) return;
        stderrLogger.warn("What operators asked can't be read; it is tried again.", { fault: textOf(fault) });
        await this.#pause();
      }
    }
  }

  async #listen(): Promise<void> {
    // Subscribed first: what is asked while the acts are read comes twice, and is one job.
    this.#subscription ??= await this.#parlor.room(ACTS_ROOM).subscribe((messages) => {
      for (const message of messages) for (const stored of actIn(message)) this.#take(stored);
    });
    if (this.#isClosed) this.#subscription.close();
    const unfinished = new Map<string, StoredAct>();
    for await (const stored of allActs(this.#log)) {
      if (stored.act.kind.endsWith("-done")) unfinished.delete(stored.id);
      else unfinished.set(stored.id, stored);
    }
    for (const stored of unfinished.values()) this.#take(stored);
  }

  /** The newest last. */
  get shown(): readonly Job[] {
    return [...this.#jobs.values()].map(({ job }) => job);
  }

  /** What is under way breaks off, and goes on at the next start. */
  close(): void {
    this.#isClosed = true;
    this.#subscription?.close();
    this.#wake?.();
  }

  #take({ id, act }: StoredAct): void {
    if ((act.kind !== "erase" && act.kind !== "delete-room") || this.#jobs.has(id)) return;
    const of = act.kind === "erase" ? act.identity : act.room;
    const job: Job = {
      id,
      kind: act.kind,
      of,
      state: "waiting",
      share: 0,
      messages: 0,
      rooms: 0,
      fault: null,
    };
    this.#jobs.set(id, { act, job });
    for (const [old, { job: other }] of this.#jobs) {
      if (this.#jobs.size <= MAX_SHOWN) break;
      if (other.state === "done") this.#jobs.delete(old);
    }
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#next(); next !== undefined && !this.#isClosed; next = this.#next()) {
      const { act, job } = next;
      job.state = "running";
      job.fault = null;
      try {
        if (act.kind === "erase") await this.#erase(act.identity, job);
        else await this.#deleteRoom(act.room, act.epoch, job);
        if (job.state === "running") job.state = "done";
      } catch (fault) {
        job.state = "failed";
        job.fault = textOf(fault);
        if (this.#isClosed) break;
        stderrLogger.warn("A job of an operator broke off; it is tried again.", {
          id: job.id,
          fault: job.fault,
        });
        await this.#pause();
      }
    }
    this.#isRunning = false;
  }

  #next() {
    return [...this.#jobs.values()].find(({ job }) => job.state === "waiting" || job.state === "failed");
  }

  async #erase(identity: string, job: Job): Promise<void> {
    const isWanted = (): boolean => !this.#isClosed;
    for await (const { share, messages, rooms } of eraseOf(
      this.#parlor,
      this.#log,
      identity,
      job.id,
      isWanted,
    )) {
      Object.assign(job, { share, messages, rooms });
    }
    // What they said of others to moderators, and what waits for one.
    if (isWanted()) await this.#moderation.eraseWordsOf(identity);
    if (this.#isClosed) {
      job.state = "waiting";
      return;
    }
    const { messages, rooms } = job;
    await noteAct(this.#parlor, job.id, "", { kind: "erase-done", identity, messages, rooms });
  }

  /** One that was made again since is another one, and stays. */
  async #deleteRoom(room: string, epoch: string, job: Job): Promise<void> {
    job.share = null;
    const head = await this.#log.head(room);
    if (head.epoch === epoch) {
      job.messages = head.head;
      await this.#parlor.room(room).delete();
      await this.#moderation.roomDeleted(room);
    }
    await this.#log.purge?.();
    await noteAct(this.#parlor, job.id, "", { kind: "delete-room-done", room });
    job.share = 1;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = systemClock.after(RETRY_MS, resolve);
      this.#wake = () => {
        systemClock.cancel(timer);
        resolve();
      };
    });
  }
}

function textOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
