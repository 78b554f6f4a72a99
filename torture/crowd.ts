import type { Random } from "@parlor/base";
import type { TransportKind } from "@parlor/client";
import { type HistoryEvent, randomInteger, TcpProxy, until, wait } from "@parlor/testkit";
import { Member } from "./member.ts";
import { Outsider } from "./outsider.ts";
import { Porch } from "./porch.ts";
import type { SentFiles } from "./sent-files.ts";
import type { Tally } from "./tally.ts";

export interface CrowdOptions {
  readonly port: number;
  readonly members: number;
  readonly random: Random;
  readonly tally: Tally;
  readonly record: (event: HistoryEvent) => void;
  readonly files: SentFiles;
}

const KINDS: readonly TransportKind[] = ["websocket", "stream", "poll"];
export const ROOMS: readonly string[] = ["hall", "kitchen", "garden"];
/** Where readers are made slow: large messages, few readers. */
export const BULK_ROOM = "bulk";
const NETWORKS_OF_A_KIND = 2;
const PUBLISHERS_OF_A_KIND = 4;
/** Which messages of those who speak over REST have a file. */
const FILE_EVERY = 4;
const BULK_CHARACTERS = 60_000;
const BULK_MESSAGES = 320;

/** Everybody: members of each transport in each room, every other WebSocket in binary, behind networks that can be broken one by one. */
export class Crowd implements AsyncDisposable {
  readonly members: Member[] = [];
  /** Those without the product's client, one behind each network. */
  readonly outsiders: Outsider[] = [];
  /** Those in a plain room, one behind each network. */
  readonly porch: Porch;
  /** Networks of those who talk. */
  readonly networks: TcpProxy[] = [];
  readonly #options: CrowdOptions;
  readonly #bulkNetwork: TcpProxy;
  readonly #bulkSpeaker: Member;
  readonly #talks: Promise<void>[] = [];
  #isOver = false;

  private constructor(options: CrowdOptions, networks: readonly TcpProxy[], bulkNetwork: TcpProxy) {
    const { members: count, port } = options;
    this.#options = options;
    this.networks.push(...networks);
    this.#bulkNetwork = bulkNetwork;
    const readers = count - KINDS.length - 1;
    for (let i = 0; i < readers; i++) {
      const kind = KINDS[i % KINDS.length] as TransportKind;
      const network = networks[i % networks.length] as TcpProxy;
      const room = ROOMS[Math.floor(i / KINDS.length) % ROOMS.length] as string;
      const isBinary = kind === "websocket" && i % (2 * KINDS.length) >= KINDS.length;
      this.#join(`${isBinary ? "binary" : kind} ${i}`, room, kind, network.port, isBinary);
    }
    const { random, tally, record, files } = options;
    networks.forEach((network, i) => {
      const url = `http://127.0.0.1:${network.port}/`;
      const room = ROOMS[i % ROOMS.length] as string;
      this.outsiders.push(new Outsider({ url, name: `outsider ${i}`, room, random, tally, record, files }));
    });
    this.porch = new Porch({ ports: networks.map(({ port: behind }) => behind), random, tally });
    for (const kind of KINDS) this.#join(`slow ${kind}`, BULK_ROOM, kind, bulkNetwork.port);
    this.#bulkSpeaker = this.#join("bulk speaker", BULK_ROOM, "websocket", port);
  }

  static async gather(options: CrowdOptions): Promise<Crowd> {
    const networks: TcpProxy[] = [];
    for (let i = 0; i < KINDS.length * NETWORKS_OF_A_KIND; i++)
      networks.push(await TcpProxy.listen(options.port));
    return new Crowd(options, networks, await TcpProxy.listen(options.port));
  }

  get unanswered(): number {
    return [...this.members, ...this.outsiders].reduce((sum, { unanswered }) => sum + unanswered, 0);
  }

  /** @throws {Error} somebody could not connect in that time */
  async connected(patienceMs: number): Promise<void> {
    const isOpen = (): boolean => this.members.every(({ client }) => client.state.kind === "open");
    if (!(await until(isOpen, patienceMs)))
      throw new Error("not everybody could connect before the first fault");
  }

  /** Some of each transport talk, a few messages at a time, until `hush`. */
  talk(): void {
    const speakers = this.members.slice(0, KINDS.length * PUBLISHERS_OF_A_KIND);
    for (const speaker of speakers) this.#talks.push(this.#talkAs(speaker));
    for (const outsider of this.outsiders) this.#talks.push(this.#speakUpAs(outsider));
    this.porch.talk();
  }

  /** Nobody says anything more; fulfils when everything that was said is answered. */
  async hush(): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#talks, this.porch.hush()]);
  }

  /** Whether somebody speaks and reads in the bulk room over a connection that can be slow. */
  get hasBulkReaders(): boolean {
    const there = this.members.filter(
      ({ room, client }) => room === BULK_ROOM && client.state.kind === "open",
    );
    return there.includes(this.#bulkSpeaker) && there.some(({ name }) => name === "slow websocket");
  }

  /** Those of the bulk room take nothing more, until `readOn`. */
  stopReading(): void {
    this.#bulkNetwork.pause("to-client");
  }

  readOn(): void {
    this.#bulkNetwork.resume("to-client");
  }

  /** Much is said in the bulk room, more than all that stands between takes in. */
  sayMuch(): void {
    const body = (i: number): string => `${i}`.padEnd(BULK_CHARACTERS, ".");
    for (let i = 0; i < BULK_MESSAGES; i++) this.#talks.push(this.#bulkSpeaker.publish(body(i)));
  }

  /** Fulfils when everybody is at the head of its room, or patience is over. */
  async catchUp(heads: ReadonlyMap<string, number>, patienceMs: number): Promise<void> {
    const isThere = (member: Member | Outsider): boolean => member.offset >= (heads.get(member.room) ?? 0);
    await until(() => [...this.members, ...this.outsiders].every(isThere), patienceMs);
  }

  heal(): void {
    for (const network of [...this.networks, this.#bulkNetwork]) {
      network.resume();
      network.delay(0);
      network.throttle(Infinity);
      network.split(Infinity);
      network.coalesce(null);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client } of this.members) client.close();
    for (const outsider of this.outsiders) outsider.close();
    this.porch.close();
    for (const network of [...this.networks, this.#bulkNetwork]) await network[Symbol.asyncDispose]();
  }

  #join(name: string, room: string, kind: TransportKind, port: number, isBinary = false): Member {
    const { tally, record } = this.#options;
    const member = new Member({
      url: `http://127.0.0.1:${port}/`,
      name,
      room,
      kind,
      isBinary,
      tally,
      record,
    });
    this.members.push(member);
    return member;
  }

  /** One after the other: each relies on the one before. */
  async #speakUpAs(outsider: Outsider): Promise<void> {
    for (let said = 0; !this.#isOver; ) {
      const text = `${outsider.name} says ${++said}`;
      await (said % FILE_EVERY === 0 ? outsider.publishFile(text) : outsider.publish(text));
      await wait(randomInteger(this.#options.random, 100, 600));
    }
  }

  async #talkAs(speaker: Member): Promise<void> {
    const { random } = this.#options;
    for (let said = 0; !this.#isOver; ) {
      const burst = Array.from({ length: randomInteger(random, 1, 16) }, async () => {
        await speaker.publish(`${speaker.name} says ${++said}`);
      });
      await Promise.all(burst);
      await wait(randomInteger(random, 100, 600));
    }
  }
}
