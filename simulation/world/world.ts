import type { Random } from "@parlor/base";
import type { Transport, TransportConnection, TransportListener } from "@parlor/client";
import { HistoryChecker, randomInteger } from "@parlor/testkit";
import { EventClock } from "./event-clock.ts";
import { Rights } from "./rights.ts";
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

  constructor(random: Random, tally: Tally) {
    this.random = random;
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
    const server = new SimulatedServer(this.disk, this.clock, this.random, this.rights);
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
    this.tally.add("lost told", server.counters.lost);
    this.tally.add("duplicates answered", server.counters.duplicates);
    const unsynced = this.disk.crash(this.random);
    this.tally.add(`crash left ${unsynced} of the unsynced`);
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
