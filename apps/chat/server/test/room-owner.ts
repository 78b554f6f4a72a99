import assert from "node:assert/strict";
import { ParlorClient } from "@parlor/client";
import type { ActDone, LinkShown } from "@parlor/moderation";
import { type Attempt, FILE, FILE_HASH } from "./attempts.ts";

/** The key of who owns the rooms. */
export const OWNER = "key-of-the-owner-of-the-rooms";

let intents = 0;

/** The owner's page, and what it asks. */
export class Owner implements Disposable {
  readonly client: ParlorClient;

  constructor(url: string) {
    this.client = new ParlorClient(url, { key: OWNER });
  }

  async make(room: string): Promise<LinkShown> {
    const { link } = await this.client.request<{ link: LinkShown }>("moderation.claim", { room });
    return link;
  }

  act(room: string, act: object): Promise<ActDone> {
    intents += 1;
    return this.client.request<ActDone>("moderation.act", { room, id: `of-owner-${intents}`, act });
  }

  [Symbol.dispose](): void {
    this.client.close();
  }
}

/** Uploads a file, and says so in the room. */
export async function putFile({ url, room, key }: Attempt): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const begun = await fetch(`${url}rooms/${room}/files`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ size: FILE.length }),
  });
  const { upload } = (await begun.json()) as { upload: string };
  await fetch(`${url}rooms/${room}/uploads/${upload}`, {
    method: "PATCH",
    headers: { ...headers, "content-type": "application/partial-upload", "upload-offset": "0" },
    body: FILE as unknown as BodyInit,
  });
  const file = { hash: FILE_HASH, name: "a.txt", type: "text/plain", size: FILE.length };
  const said = await fetch(`${url}rooms/${room}/messages`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ text: "a file", name: "Owner", files: [file] }),
  });
  assert.equal(said.status, 201, await said.text());
}
