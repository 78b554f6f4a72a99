const BESIDE = /^\{"type":"(signals?|state|presence)","room":"(\w+)"/;
const SUBSCRIBE = /^\{"type":"(un)?subscribe","room":"(\w+)"/;
const SIGNAL_IDS = /"page":"([^"]+)","n":(\d+)/g;

/** Kinds of frames that come only to who asked for them, by what asks. */
const ASKS = ["signals", "state", "presence"] as const;
type Asked = (typeof ASKS)[number];

/** A frame beside the messages, for whom somebody must have asked. */
export interface FrameBeside {
  readonly asked: Asked;
  readonly room: string;
}

/** Which frame beside the messages a text is; null where it is none. */
export function frameBeside(text: string): FrameBeside | null {
  const [, type = "", room = ""] = BESIDE.exec(text) ?? [];
  if (type === "") return null;
  return { asked: type.startsWith("signal") ? "signals" : (type as Asked), room };
}

/** Each signal in a text, by who said it and its number. */
export function signalsIn(text: string): string[] {
  return [...text.matchAll(SIGNAL_IDS)].map(([, page, n]) => `${page}/${n}`);
}

/** What a connection asked for beside messages, from what it sent. */
export class AskedFor {
  readonly #rooms = new Map<string, ReadonlySet<Asked>>();

  hear(text: string): void {
    const [, isOver, room = ""] = SUBSCRIBE.exec(text) ?? [];
    if (room === "") return;
    if (isOver !== undefined) return void this.#rooms.delete(room);
    this.#rooms.set(room, new Set(ASKS.filter((each) => text.includes(`"${each}":`))));
  }

  has({ asked, room }: FrameBeside): boolean {
    return this.#rooms.get(room)?.has(asked) === true;
  }
}
