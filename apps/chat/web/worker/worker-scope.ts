/** What a service worker has that a page has not, as far as this one needs it: one set of types can't hold both. */
export interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    openWindow(address: string): Promise<unknown>;
  };
  addEventListener<Name extends keyof WorkerEvents>(
    name: Name,
    listener: (event: WorkerEvents[Name]) => void,
  ): void;
}

interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}

interface WorkerEvents {
  readonly install: Lasting;
  readonly activate: Lasting;
  readonly fetch: { readonly request: Request; respondWith(answer: Promise<Response>): void };
  readonly notificationclick: Lasting & { readonly notification: Notification };
}

export function workerScope(): WorkerScope {
  return globalThis as unknown as WorkerScope;
}
