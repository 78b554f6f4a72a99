import type { StoredMessage } from "../room-log.ts";

/** Messages on their way from the reader's thread: names apart from bodies, numbers in one array. */
export interface MessageColumns {
  /** Identity and producer, in turns. */
  readonly names: readonly string[];
  readonly bodies: readonly (string | null)[];
  readonly numbers: Float64Array<ArrayBuffer>;
}

const WIDTH = 4;
const NO_RE = -1;

export function packMessages(messages: readonly StoredMessage[]): MessageColumns {
  const names: string[] = [];
  const bodies: (string | null)[] = [];
  const numbers = new Float64Array(messages.length * WIDTH);
  let at = 0;
  for (const message of messages) {
    names.push(message.from, message.producer);
    bodies.push(message.bodyJson);
    numbers[at++] = message.offset;
    numbers[at++] = message.seq;
    numbers[at++] = message.at;
    numbers[at++] = message.re ?? NO_RE;
  }
  return { names, bodies, numbers };
}

export function unpackMessages({ names, bodies, numbers }: MessageColumns): StoredMessage[] {
  return bodies.map((bodyJson, index) => {
    const at = index * WIDTH;
    const re = numbers[at + 3] ?? NO_RE;
    return {
      offset: numbers[at] ?? 0,
      from: names[index * 2] ?? "",
      producer: names[index * 2 + 1] ?? "",
      seq: numbers[at + 1] ?? 0,
      at: numbers[at + 2] ?? 0,
      ...(re === NO_RE ? {} : { re }),
      bodyJson,
    };
  });
}
