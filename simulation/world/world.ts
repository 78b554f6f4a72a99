import type { Random } from "@parlor/base";
import { sideRoom } from "@parlor/log";
import type { Transport, TransportConnection, TransportListener } from "@parlor/client";
import { HistoryChecker, randomInteger } from "@parlor/testkit";
import { StateTruth } from "../beside/state-truth.ts";
import { EventClock } from "./event-clock.ts";
import { type Deletion, JournalLog } from "./journal-log.ts";
import { Rights, ROOMS } from "./rights.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { SimulatedLine } from "./simulated-line.ts";
import { SimulatedServer } from "./simulated-server.ts";
import type { Tally } from "./tally.ts";

/** Time, a disk, a server on it that lives several lives, and the lines of everybody who connects. */
export class World {
  readonly clock = new EventClock();
  readonly disk = new SimulatedDisk();
  readonly checker = new HistoryChecker();
  readonly rights = new Rights(this.clock);
  readonly random: Random;
  readonly tally: Tally;
  /** Whether there is more than messages in this run: state, presence and signals, deletions and restored backups. */
  readonly isLively: boolean;
  readonly lines: SimulatedLine[] = [];
  /** What was found wrong besides what the history shows. */
  readonly violations: string[] = [];
  /** Null while it is down. */
  server: SimulatedServer | null = null;
  /** Connections meet nobody who answers, or refuses. */
  isDark = false;
  /** Faults that have not mended themselves yet. */
  broken = 0;
  peakUnsentBytes = 0;
  readonly stateTruth = new StateTruth();
  #deletions = 0;
  #restorations = 0;
  #backup: { readonly bytes: Buffer; readonly deletions: number } | null = null;

  constructor(random: Random, tally: Tally, isLively: boolean) {
    this.random = random;
    this.isLively = isLively;
    this.tally = tally;
  }

  draw(min: number, max: number): number {
    return randomInteger(this.random, min, max);
  }

  later(minMs: number, maxMs: number, task: () => void): void {
    this.clock.after(this.draw(minMs, maxMs), task);
  }

  /** What was broken is whole again after a while. */
  mend(minMs: number, maxMs: number, task: () => void): void {
    this.broken += 1;
    this.later(minMs, maxMs, () => {
      this.broken -= 1;
      task();
    });
  }

  startServer(): void {
    if (this.server !== null) return;
    const { disk, clock, random, rights } = this;
    const server = new SimulatedServer(disk, clock, random, rights, (each) => this.#deleted(each));
    this.server = server;
    server.log.onStatus(({ kind }) => {
      // As the command does: a log that failed ends the process.
      if (kind === "failed") this.killServer();
    });
  }

  /** The process is gone; what the disk keeps of the unsynced is the disk's affair. */
  killServer(): void {
    const { server } = this;
    if (server === null) return;
    this.server = null;
    server.kill();
    this.violations.push(...server.trespasses);
    this.peakUnsentBytes = Math.max(this.peakUnsentBytes, server.peakUnsentBytes);
    this.tally.add("resume reads of the log", server.counters.catchUpReads);
    this.tally.add("resume reads kept from others", server.counters.catchUpKept);
    this.tally.add("lost told", server.counters.lost);
    this.tally.add("duplicates answered", server.counters.duplicates);
    this.tally.add("signals dropped", server.counters.signalsDropped);
    const unsynced = this.disk.crash(this.random);
    this.tally.add(`crash left ${unsynced} of the unsynced`);
  }

  /** Copies what is on the disk, for later. */
  backUp(): void {
    const { server, disk } = this;
    if (server !== null) this.#backup = { bytes: disk.copy(), deletions: server.log.deletions };
  }

  /** The process ends, and a backup takes the place of its log. False where there is none, or the disk takes nothing. */
  restoreBackup(): boolean {
    const { server, disk, random } = this;
    const backup = this.#backup;
    if (server === null || backup === null || disk.isFull || disk.isBad) return false;
    for (const [room, { epoch }] of server.log.ends) this.checker.take({ kind: "deleted", room, epoch });
    this.killServer();
    JournalLog.restore(disk, random, backup.bytes, `restored-${++this.#restorations}`);
    this.#deletions = backup.deletions;
    for (const room of ROOMS) this.stateTruth.deleted(room);
    return true;
  }

  /** A room is deleted for good, by the server's code, or without it where none runs. False where it can't be now. */
  deleteRoom(room: string): boolean {
    const { server, disk, clock, random } = this;
    if (server === null) {
      const rooms = [sideRoom("state", room), room];
      if (!JournalLog.deleteRooms(disk, clock, random, rooms)) return false;
      this.tally.add("deleted while the server was down");
      return true;
    }
    server.deleteRoom(room).then(
      () => this.tally.add("deleted by the server"),
      () => this.tally.add("deletion refused"),
    );
    return true;
  }

  #deleted({ room, epoch, nth }: Deletion): void {
    if (nth <= this.#deletions) return;
    this.#deletions = nth;
    this.checker.take({ kind: "deleted", room, epoch });
    for (const each of ROOMS) if (room === sideRoom("state", each)) this.stateTruth.deleted(each);
  }

  /** The network as one client has it. */
  transport(): Transport {
    return { kind: "websocket", open: (listener) => this.#connect(listener) };
  }

  #connect(listener: TransportListener): TransportConnection {
    let isHeard = true;
    const hear = (tell: () => void): void => {
      if (isHeard) tell();
    };
    const line = new SimulatedLine(this.clock, this.random, {
      text: (text) => hear(() => listener.onText(text)),
      closed: (code) =>
        hear(() => {
          isHeard = false;
          this.#forget(line);
          listener.onClose({ code, reason: "" });
        }),
    });
    this.lines.push(line);
    this.later(1, 20, () => {
      if (this.isDark || !isHeard) return;
      const { server } = this;
      if (server === null || server.isDraining) return line.cut();
      server.accept(line);
      for (const text of listener.opening()) line.sendUp(text);
      listener.onOpen();
    });
    return {
      send: (text) => line.sendUp(text),
      close: () => {
        isHeard = false;
        this.#forget(line);
        line.hangUp();
      },
    };
  }

  #forget(line: SimulatedLine): void {
    const at = this.lines.indexOf(line);
    if (at >= 0) this.lines.splice(at, 1);
  }
}
