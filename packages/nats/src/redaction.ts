import type { OwnWords } from "@parlor/log";
import type { OpenRoom } from "./open-room.ts";
import { ERASED } from "./record-index.ts";

/** Erases one message's body, and where somebody takes back their words, what they made of them since. */
export async function redact(room: OpenRoom, offset: number, now: number, own?: OwnWords): Promise<boolean> {
  const fold = (): OpenRoom["fold"] => room.fold;
  // What was appended does not change, but for its body: so who wrote it can be read before it is proposed.
  const isOwn = async (each: number): Promise<boolean> =>
    own === undefined || (await room.reader.at(fold, [each]))[0]?.from === own.from;
  const about = own === undefined ? [] : room.fold.index.about(offset).filter((each) => each < own.before);
  const later = (await room.reader.at(fold, about)).filter(({ from }) => from === own?.from);
  const targets = [...((await isOwn(offset)) ? [offset] : []), ...later.map((message) => message.offset)];
  return await redactEach(room, targets, now, offset);
}

/** Erases several bodies at once; whether `asked` is one of them, and there. */
export async function redactEach(
  room: OpenRoom,
  targets: readonly number[],
  now: number,
  asked?: number,
): Promise<boolean> {
  const isThere = await room.proposer.change(({ index }) => {
    const left = targets.filter((each) => {
      const size = index.sizeOf(each);
      return size !== undefined && size !== ERASED;
    });
    const draft = left.length === 0 ? null : { at: now, messages: [], redact: left };
    const isTarget = asked !== undefined && targets.includes(asked);
    return { draft, result: isTarget && index.sizeOf(asked) !== undefined };
  });
  await room.eraseBodies();
  return isThere;
}
