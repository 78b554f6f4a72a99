import type { KeptProducer, KeptPublish, OutboxStore, StoreChange } from "./outbox-store.ts";
import { storageFault } from "./storage-fault.ts";

const DATABASE = "parlor.outbox";
/** Raised with the shape of what is kept; a page that knows only a lower one then keeps nothing, and says so. */
const VERSION = 1;
const PRODUCERS = "producers";
const PUBLISHES = "publishes";

/** Keeps publishes in the page's IndexedDB, one database for an origin. */
export class IndexedDbStore implements OutboxStore {
  readonly #factory: IDBFactory;
  /** null where the browser ended the connection: it is opened again at the next call. */
  #database: Promise<IDBDatabase> | null = null;

  constructor(factory: IDBFactory) {
    this.#factory = factory;
  }

  async producers(): Promise<readonly KeptProducer[]> {
    return await this.#read(PRODUCERS, (store) => store.getAll());
  }

  async list(producer: string): Promise<readonly KeptPublish[]> {
    return await this.#read(PUBLISHES, (store) => store.getAll(ofProducer(producer)));
  }

  async write({ producer, puts, removes }: StoreChange): Promise<void> {
    await this.#change((producers, publishes) => {
      producers.put(producer);
      for (const { producer: of, room, seq } of removes) publishes.delete([of, room, seq]);
      for (const record of puts) publishes.put(record);
    });
  }

  async forget(producer: string): Promise<void> {
    await this.#change((producers, publishes) => {
      producers.delete(producer);
      publishes.delete(ofProducer(producer));
    });
  }

  close(): void {
    const database = this.#database;
    this.#database = null;
    database?.then(
      (open) => open.close(),
      () => undefined,
    );
  }

  async #read<Row>(name: string, ask: (store: IDBObjectStore) => IDBRequest): Promise<readonly Row[]> {
    const database = await this.#open();
    return await settled<readonly Row[]>((resolve, reject) => {
      const transaction = database.transaction(name);
      const request = ask(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result as readonly Row[]);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  async #change(act: (producers: IDBObjectStore, publishes: IDBObjectStore) => void): Promise<void> {
    const database = await this.#open();
    await settled<undefined>((resolve, reject) => {
      const transaction = database.transaction([PRODUCERS, PUBLISHES], "readwrite");
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => reject(transaction.error);
      act(transaction.objectStore(PRODUCERS), transaction.objectStore(PUBLISHES));
    });
  }

  #open(): Promise<IDBDatabase> {
    const opening = (this.#database ??= settled<IDBDatabase>((resolve, reject) => {
      const request = this.#factory.open(DATABASE, VERSION);
      request.onupgradeneeded = ({ oldVersion }) => {
        // A later shape adds its step here: what pages of earlier releases left is to be sent yet.
        if (oldVersion >= 1) return;
        request.result.createObjectStore(PRODUCERS, { keyPath: "producer" });
        request.result.createObjectStore(PUBLISHES, { keyPath: ["producer", "room", "seq"] });
      };
      request.onsuccess = () => {
        const { result } = request;
        const forget = (): void => {
          if (this.#database === opening) this.#database = null;
        };
        // Site data was cleared, or a page of a later release wants another shape and must not be kept waiting.
        result.onclose = forget;
        result.onversionchange = () => {
          forget();
          result.close();
        };
        resolve(result);
      };
      request.onerror = () => reject(request.error);
    }));
    // A disk that failed once may work the next time.
    opening.catch(() => (this.#database = null));
    return opening;
  }
}

/** Every key that begins with the producer: an array is greater than every text. */
function ofProducer(producer: string): IDBKeyRange {
  return IDBKeyRange.bound([producer], [producer, []]);
}

async function settled<Value>(
  run: (resolve: (value: Value) => void, reject: (error: unknown) => void) => void,
): Promise<Value> {
  try {
    return await new Promise<Value>(run);
  } catch (error) {
    throw storageFault(error);
  }
}
