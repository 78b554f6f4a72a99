import assert from "node:assert/strict";
import type { Message } from "@parlor/protocol";

/** What `GET /rooms/{room}/messages` answers. */
export interface RestPage {
  readonly epoch: string;
  readonly earliest: number;
  readonly head: number;
  readonly messages: readonly Message[];
  readonly related?: readonly Message[];
  readonly more: boolean;
}

/** That a response is an error of that status and code, in words, as every error is. */
export async function assertAnswers(response: Response, status: number, code: string): Promise<void> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  const { error } = JSON.parse(text) as { error: { code: string; message: string } };
  assert.equal(error.code, code);
  assert.match(error.message, /\w \w.*[.]$/);
}

export function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
}
