import type { DatabaseSync } from "node:sqlite";
import { Appender } from "./appender.ts";
import { Checkpoints } from "./checkpoints.ts";
import { requireWhole } from "./copy-mark.ts";
import { Eraser } from "./eraser.ts";
import { epochIn, prepareFile } from "./format.ts";
import { Forgetter, type RoomEvent } from "./forgetter.ts";
import { makeDurable, openConnection } from "./open-database.ts";
import { Purger } from "./purger.ts";
import { faultOf, type StorageFault } from "./storage-fault.ts";
import { Store } from "./store.ts";
import type { WriterMessage, WriterRequest } from "./writer-messages.ts";

/** Something long, done a step at a time between the requests. */
interface Job {
  /** Whether a caller waits for it; the log's own jobs can be taken up again at any time. */
  readonly isAskedFor: boolean;
  readonly steps: Iterator<undefined, unknown>;
  readonly done: (value: unknown) => void;
  readonly failed: (fault: StorageFault) => void;
}

type OpenRequest = Extract<WriterRequest, { kind: "open" }>;

/** What is there once the file is open. */
interface Opened {
  readonly db: DatabaseSync;
  readonly store: Store;
  readonly appender: Appender;
  readonly forgetter: Forgetter;
  readonly eraser: Eraser;
  readonly purger: Purger;
  readonly checkpoints: Checkpoints;
}

/**
 * The writer: serves requests one after the other, and in between the steps of what takes long.
 *
 * Once a fault says `failed` it changes nothing any more: an fsync that failed may have lost pages
 * that the system now believes written, so nothing after it can be vouched for.
 */
export class Writer {
  readonly #tell: (message: WriterMessage) => void;
  #opened: Opened | undefined;
  #failure: StorageFault | undefined;
  #now = 0;
  readonly #jobs: Job[] = [];
  #stepIsDue = false;
  #isRetaining = false;
  #isRemoving = false;

  constructor(tell: (message: WriterMessage) => void) {
    this.#tell = tell;
  }

  handle(request: WriterRequest): void {
    switch (request.kind) {
      case "open":
        return this.#open(request);
      case "append":
        this.#now = request.columns.now;
        return this.#append(request);
      case "trim":
        return this.#answer(request.id, ({ forgetter }) => {
          this.#run(forgetter.trim(request.room, request.before), request.id);
        });
      case "redact":
        return this.#answer(request.id, ({ eraser }) => {
          this.#run(eraser.redact(request.room, request.offset, request.own), request.id);
        });
      case "delete":
        return this.#answer(request.id, ({ forgetter }) => {
          const value = forgetter.delete(request.room);
          this.#tell({ kind: "done", id: request.id, value });
          this.#removeDoomed();
        });
      case "purge":
        return this.#answer(request.id, ({ purger }) => this.#run(purger.purge(), request.id));
      case "sweep":
        this.#now = request.now;
        return this.#guarded(({ appender, forgetter }) => {
          forgetter.sweepProducers(request.producersUsedBefore);
          for (const room of forgetter.roomsGrownOld(request.now)) appender.overfull.add(room);
          for (const room of forgetter.roomsFilledBefore()) appender.overfull.add(room);
          this.#retain();
          this.#removeDoomed();
        });
      case "probe":
        return this.#probe();
      case "close":
        return this.#close();
    }
  }

  #open(request: OpenRequest): void {
    let db: DatabaseSync | undefined;
    try {
      // A connection of its own: one that has just changed the tables holds on to what they were.
      db = openConnection(request.file);
      prepareFile(db, request.file, request.epoch);
      requireWhole(db, request.file);
      db.close();
      db = openConnection(request.file);
      makeDurable(db);
      const checkpoints = new Checkpoints(db, () => this.#tell({ kind: "checkpoint-due" }));
      // What the write-ahead log of an earlier process holds may never have reached the disk, however
      // it reads now. Copied and synced, it has.
      checkpoints.empty();
      const store = new Store(db);
      const appender = new Appender(store, request.retention, request.producerRetentionMs);
      const tell = (events: readonly RoomEvent[]): void => {
        if (events.length > 0) this.#tell({ kind: "events", events });
      };
      const forgetter = new Forgetter(db, store, request.retention, tell);
      const eraser = new Eraser(db, request.file, store, checkpoints, tell);
      const purger = new Purger(db, forgetter, checkpoints);
      this.#opened = { db, store, appender, forgetter, eraser, purger, checkpoints };
      this.#tell({ kind: "opened", epoch: epochIn(db) });
      this.#removeDoomed();
    } catch (error) {
      if (db?.isOpen === true) db.close();
      this.#tell({ kind: "not-opened", fault: faultOf(error) });
    }
  }

  #append({ columns }: Extract<WriterRequest, { kind: "append" }>): void {
    const opened = this.#opened;
    if (this.#failure !== undefined || opened === undefined) {
      this.#tell({ kind: "not-appended", fault: this.#failure ?? NOT_OPEN });
      return;
    }
    try {
      this.#tell({ kind: "appended", ...opened.appender.append(columns) });
    } catch (error) {
      this.#tell({ kind: "not-appended", fault: this.#noted(error) });
      return;
    }
    this.#guarded(({ checkpoints }) => checkpoints.afterCommit());
    this.#retain();
  }

  #retain(): void {
    const opened = this.#opened;
    if (opened === undefined || this.#isRetaining || opened.appender.overfull.size === 0) return;
    this.#isRetaining = true;
    const end = (): void => void (this.#isRetaining = false);
    this.#push({
      isAskedFor: false,
      steps: opened.forgetter.retain(opened.appender.overfull, () => this.#now),
      done: end,
      // What could not be forgotten now is found again by the next append or sweep.
      failed: () => (opened.appender.overfull.clear(), end()),
    });
  }

  #removeDoomed(): void {
    const opened = this.#opened;
    if (opened === undefined || this.#isRemoving || !opened.forgetter.hasDoomed()) return;
    this.#isRemoving = true;
    const end = (): void => void (this.#isRemoving = false);
    this.#push({ isAskedFor: false, steps: opened.forgetter.removeDoomed(), done: end, failed: end });
  }

  #probe(): void {
    this.#guarded(({ checkpoints }) => {
      checkpoints.probe();
      this.#tell({ kind: "has-room" });
    });
  }

  #run(steps: Iterator<undefined, unknown>, id: number): void {
    this.#push({
      isAskedFor: true,
      steps,
      done: (value) => this.#tell({ kind: "done", id, value }),
      failed: (fault) => this.#tell({ kind: "not-done", id, fault }),
    });
  }

  #push(job: Job): void {
    this.#jobs.push(job);
    // The first step at once: a job asked for before an append must not be overtaken by it whole.
    this.#step();
  }

  #step(): void {
    const job = this.#jobs.shift();
    if (job === undefined) return;
    if (this.#failure !== undefined) return job.failed(this.#failure);
    try {
      const step = job.steps.next();
      if (step.done === true) job.done(step.value);
      else this.#jobs.push(job);
    } catch (error) {
      job.failed(this.#noted(error));
    }
    this.#scheduleStep();
  }

  #scheduleStep(): void {
    if (this.#stepIsDue || this.#jobs.length === 0) return;
    this.#stepIsDue = true;
    setImmediate(() => {
      this.#stepIsDue = false;
      this.#step();
    });
  }

  #answer(id: number, act: (opened: Opened) => void): void {
    const opened = this.#opened;
    if (this.#failure !== undefined || opened === undefined) {
      this.#tell({ kind: "not-done", id, fault: this.#failure ?? NOT_OPEN });
      return;
    }
    try {
      act(opened);
    } catch (error) {
      this.#tell({ kind: "not-done", id, fault: this.#noted(error) });
    }
  }

  #guarded(act: (opened: Opened) => void): void {
    if (this.#failure !== undefined || this.#opened === undefined) return;
    try {
      act(this.#opened);
    } catch (error) {
      this.#tell({ kind: "fault", fault: this.#noted(error) });
    }
  }

  #noted(error: unknown): StorageFault {
    const fault = faultOf(error);
    if (fault.kind === "failed") this.#failure ??= fault;
    return fault;
  }

  #close(): void {
    const opened = this.#opened;
    if (opened === undefined) return;
    this.#opened = undefined;
    // Jobs that somebody waits for are finished; the log's own are taken up when it opens again.
    // In turn, as one may wait for what another one does.
    const jobs = this.#jobs.splice(0).filter(({ isAskedFor }) => isAskedFor);
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      if (!this.#hasFinished(job)) jobs.push(job);
    }
    opened.db.close();
    opened.eraser.close();
  }

  /** Takes one more step. */
  #hasFinished(job: Job): boolean {
    try {
      const step = job.steps.next();
      if (step.done === true) job.done(step.value);
      return step.done === true;
    } catch (error) {
      job.failed(this.#noted(error));
      return true;
    }
  }
}

const NOT_OPEN: StorageFault = { kind: "refused", message: "the log's file is not open" };
