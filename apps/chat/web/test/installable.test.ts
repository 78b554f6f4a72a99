import assert from "node:assert/strict";
import { test } from "node:test";
import { installableFiles } from "../build-release.ts";

interface Manifest {
  readonly id?: string;
  readonly start_url: string;
}

test("[OFFLINE-1] installed, each server of an origin is a program of its own", async () => {
  const { manifest } = await installableFiles();
  const { id, start_url } = JSON.parse(new TextDecoder().decode(manifest.contents)) as Manifest;
  const names = ["https://example.org/", "https://example.org/chat/"].map((base) => {
    const start = new URL(start_url, new URL(manifest.name, base));
    // As browsers read it: against the origin and not the address of the manifest; without one it is the start.
    return (id === undefined ? start : new URL(id, start.origin)).href;
  });
  assert.deepEqual(names, ["https://example.org/", "https://example.org/chat/"]);
});
