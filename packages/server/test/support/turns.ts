/** Lets so many turns of the event loop pass: for what happens in one that nothing tells of. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
