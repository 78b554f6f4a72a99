import type { ClientShell } from "../client-shell.ts";
import type { ClientOptions } from "../options.ts";
import { FreedProducers, type PageLife } from "./freed-producers.ts";
import { IndexedDbStore } from "./indexed-db-store.ts";
import { KeptOutbox, type HasRooms } from "./kept-outbox.ts";
import { ChannelClaims } from "./channel-claims.ts";
import type { ResolvedOptions } from "../core-options.ts";
import { LockClaims, type Claims } from "./claims.ts";
import type { OutboxStore } from "./outbox-store.ts";
import type { Publishing } from "../publishing.ts";
import type { Upward } from "../upward-part.ts";
import { KEPT_LIMITS, RecordWriter } from "./record-writer.ts";
import type { Legacy } from "./takeover.ts";

/** What the outbox is kept with. */
export interface KeepMeans {
  readonly store: OutboxStore;
  readonly claims: Claims;
  readonly life: PageLife;
  /** @default KEPT_LIMITS */
  readonly limits?: { readonly maxCount: number; readonly maxBytes: number };
}

/**
 * Keeps the client's outbox on disk from now on, takes over what pages that are gone left there, and loads what sends
 * it: nothing goes out before it is kept.
 */
export async function loadKept(
  client: HasRooms,
  shell: ClientShell,
  publishing: Publishing,
  server: string,
  option: ClientOptions["keepOutbox"],
  loadUpward: () => Promise<Upward>,
  means: KeepMeans | null = platformMeans(shell.options),
): Promise<Upward> {
  const owner = typeof option === "object" ? option.owner : null;
  const scope = `${server} ${owner ?? shortHash(shell.options.key())}`;
  // After a failure it is called again.
  publishing.kept ??=
    means === null
      ? inMemory(client, shell, publishing)
      : onDisk(client, shell, publishing, owner, { ...means, scope });
  return await loadUpward();
}

function inMemory(client: HasRooms, shell: ClientShell, publishing: Publishing): KeptOutbox {
  const reason = "This browser has no storage for it here.";
  const storage = { kind: "memory", code: "absent", reason } as const;
  return new KeptOutbox(shell, publishing, null, storage, {
    client,
    onRelease: () => undefined,
    isStrict: true,
  });
}

function onDisk(
  client: HasRooms,
  shell: ClientShell,
  publishing: Publishing,
  owner: string | null,
  { store, claims, life, scope, limits = KEPT_LIMITS }: KeepMeans & { readonly scope: string },
): KeptOutbox {
  const { core, options } = shell;
  const writer = new RecordWriter({
    store,
    claims,
    clock: options.clock,
    scope,
    limits,
    onHeld: (producer) => freed.tell(producer),
    onWritten: () => shell.step(() => undefined),
  });
  const isStrict = options.token !== undefined && owner === null;
  const onRelease = (): void => freed.close();
  const kept = new KeptOutbox(shell, publishing, writer, { kind: "disk" }, { client, onRelease, isStrict });
  const onFreed = (legacy: Legacy, release: () => void): void => kept.adopt(legacy, release);
  const freed = new FreedProducers({
    life,
    store,
    claims,
    scope,
    clock: options.clock,
    own: core.producer,
    onFreed,
  });
  // Before what publishes, so that it finds what is held.
  core.extras.unshift(kept);
  freed.begin();
  return kept;
}

/** null: the platform has no place to keep anything. */
function platformMeans({ clock, random }: ResolvedOptions): KeepMeans | null {
  try {
    const { indexedDB } = globalThis as { readonly indexedDB?: IDBFactory };
    if (indexedDB === undefined) return null;
    const { locks } = navigator as { readonly locks?: LockManager };
    return {
      store: new IndexedDbStore(indexedDB),
      life: pageLife,
      claims: locks === undefined ? new ChannelClaims(clock, random) : new LockClaims(locks),
    };
  } catch {
    // Where site data is blocked even looking at it throws.
    return null;
  }
}

const pageLife: PageLife = {
  listen(onAway, onBack) {
    const stop = new AbortController();
    const page = globalThis as { readonly document?: EventTarget } & Partial<EventTarget>;
    page.document?.addEventListener("freeze", onAway, stop);
    page.document?.addEventListener("resume", onBack, stop);
    page.addEventListener?.("pagehide", onAway, stop);
    page.addEventListener?.("pageshow", onBack, stop);
    return () => stop.abort();
  },
};

/** Tells the owners of one browser apart, and gives away nothing of the key: 53 of its 258 bits, and those mixed. */
function shortHash(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  return `${(a >>> 0).toString(36)}${(b >>> 0).toString(36)}`;
}
