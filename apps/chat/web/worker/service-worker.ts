/**
 * Lets the page open with no network, as the release that was here last.
 *
 * A release is one set: the document and every file that it names, now or later. All of it is kept when the
 * worker is installed, under the release's name, and served from there. A document is asked for at the server
 * first, so that a new release is seen at the next visit; the worker of that release waits until no page of
 * this one is open, and only then is this one's set let go. So no page ever misses a part of its own release,
 * though the server does not have it any more.
 *
 * Rooms do not come by here: what was said in them is kept by the page (model/kept-rooms.ts).
 */
import { isPageAddress } from "./page-address.ts";
import { workerScope } from "./worker-scope.ts";

/** Put in by build-release.ts. */
declare const RELEASE: {
  readonly name: string;
  /** The script that its document names: what tells it from another release's. */
  readonly script: string;
  /** Below the base path. */
  readonly files: readonly string[];
};

/** How long a document is waited for, in ms, where an older one is here. */
const PATIENCE_MS = 4_000;

const worker = workerScope();
const base = new URL(worker.registration.scope);
// One address may hold several Parlors, each below a path of its own.
const PREFIX = `parlor-page ${base.pathname} `;
const CACHE = PREFIX + RELEASE.name;

worker.addEventListener("install", (event) => event.waitUntil(keepRelease()));
worker.addEventListener("activate", (event) => event.waitUntil(letGoOfOthers()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== base.origin || !url.pathname.startsWith(base.pathname))
    return;
  if (request.mode === "navigate") {
    if (isPageAddress(url, base.pathname)) event.respondWith(newestDocument(request));
  } else if (url.pathname.startsWith(`${base.pathname}assets/`)) {
    event.respondWith(keptFile(request));
  }
});
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address: unknown = event.notification.data;
  if (typeof address === "string") event.waitUntil(worker.clients.openWindow(address));
});

async function keepRelease(): Promise<void> {
  const document = await fetch(base, { cache: "no-cache" });
  // The server was changed between the two: its next release has a worker of its own.
  if (!(await document.clone().text()).includes(RELEASE.script)) throw new Error("another release is served");
  const cache = await caches.open(CACHE);
  await cache.addAll(RELEASE.files.map((file) => new URL(file, base).href));
  await cache.put(base, document);
}

async function letGoOfOthers(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
  // A first visit's page is there before its worker.
  await worker.clients.claim();
}

async function newestDocument(request: Request): Promise<Response> {
  const kept = (await caches.open(CACHE)).match(base);
  const asked = fetch(request).then(
    async (response) => (response.status < 500 ? response : ((await kept) ?? response)),
    async (error: unknown) => {
      const document = await kept;
      if (document === undefined) throw error;
      return document;
    },
  );
  const patience = new Promise<Response | undefined>((resolve) => {
    setTimeout(() => void kept.then(resolve), PATIENCE_MS);
  });
  return (await Promise.race([asked, patience])) ?? (await asked);
}

async function keptFile(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? (await fetch(request));
}
