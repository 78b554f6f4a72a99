/** Does the work for every name, several at once; once one has failed no further one is begun, and it rejects with that. */
export async function eachRoom(
  names: Iterable<string> | AsyncIterable<string>,
  atOnce: number,
  work: (name: string, index: number) => Promise<void>,
): Promise<void> {
  const left = oneAfterTheOther(names);
  let hasFailed = false;
  let index = 0;
  const lane = async (): Promise<void> => {
    try {
      for (;;) {
        const next = await left.next();
        if (next.done === true || hasFailed) return;
        await work(next.value, index++);
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  const failed = lanes.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

async function* oneAfterTheOther(names: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  yield* names;
}
