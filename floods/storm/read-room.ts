/** The bodies of all that a room's log holds, page by page. */
export async function readRoom(url: string, room: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (let after = 0; ; ) {
    const address = `${url}rooms/${encodeURIComponent(room)}/messages?after=${after}&limit=500`;
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${room} can't be read: ${answer.status} ${await answer.text()}`);
    const page = (await answer.json()) as {
      readonly messages: readonly { readonly offset: number; readonly body: string }[];
      readonly more: boolean;
    };
    bodies.push(...page.messages.map(({ body }) => body));
    if (!page.more) return bodies;
    after = page.messages.at(-1)?.offset ?? after;
  }
}
