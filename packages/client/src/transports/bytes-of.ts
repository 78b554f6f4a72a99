/** The bytes of an answer as they come; at its end, where the platform reads none before it. */
export async function* bytesOf(response: Response): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return yield new TextEncoder().encode(await response.text());
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
