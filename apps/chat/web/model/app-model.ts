import { systemClock } from "@parlor/base";
import { ParlorClient } from "@parlor/client";
import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import { Announcer } from "./announcer.ts";
import { browserNetwork, ConnectionWatch } from "./connection-watch.ts";
import { dayOf } from "./day.ts";
import { displayName, GUEST } from "./display-name.ts";
import { forcedTransport, keptQuery } from "./forced-transport.ts";
import type { KeptTexts } from "./kept-texts.ts";
import { RoomModel } from "./room-model.ts";
import { readRoute, roomPath, routeToRoom, type Route } from "./route.ts";
import type { Self } from "./rows.ts";
import { VisitedRooms } from "./visited-rooms.ts";

const NAME_KEY = "parlor.name";
const NAME_ASKED_KEY = "parlor.name-asked";

/** The whole page as signals: where it is, who one is, and the room that is open. */
export class AppModel {
  readonly connection: ConnectionWatch;
  readonly announcer = new Announcer();
  readonly texts: KeptTexts;
  readonly route = signal<Route>({ kind: "not-a-room", sentence: "" });
  readonly self: ReadonlySignal<Self>;
  /** The name that was chosen; null for none. */
  readonly chosenName = signal<string | null>(null);
  /** offered: shown by itself, once. wanted: the person wants to change their name. */
  readonly nameForm = signal<"closed" | "offered" | "wanted">("closed");
  readonly today = signal(dayOf(systemClock.now()));
  readonly room: ReadonlySignal<RoomModel | null>;

  readonly #client: ParlorClient;
  readonly #basePath: string;

  constructor(basePath: string, texts: KeptTexts) {
    this.#basePath = basePath;
    this.texts = texts;
    this.chosenName.value = displayName(texts.read(NAME_KEY));
    if (this.chosenName.value === null && texts.read(NAME_ASKED_KEY) === null)
      this.nameForm.value = "offered";
    const forced = forcedTransport(location.search);
    this.#client = new ParlorClient(new URL(basePath, location.href), {
      transports: forced === null ? undefined : [forced],
    });
    this.connection = new ConnectionWatch(this.#client, browserNetwork, systemClock);
    this.self = this.#followSelf();
    const rooms = new VisitedRooms((name) => this.#openRoom(name));
    this.room = computed(() =>
      this.route.value.kind === "room" ? rooms.visit(this.route.value.room) : null,
    );
    this.#readAddress();
    addEventListener("popstate", () => this.#readAddress());
    this.#followConnection(rooms);
    this.#followDays();
  }

  /** The name that messages go out with. */
  get name(): string {
    return this.chosenName.value ?? GUEST;
  }

  /** Takes a name and keeps it; an empty one goes back to being a guest. */
  chooseName(name: string): void {
    this.chosenName.value = displayName(name);
    this.texts.keep(NAME_KEY, this.chosenName.value ?? "");
    this.closeNameForm();
  }

  openNameForm(): void {
    this.nameForm.value = "wanted";
  }

  /** Closes it, and does not offer it again. */
  closeNameForm(): void {
    this.nameForm.value = "closed";
    this.texts.keep(NAME_ASKED_KEY, "yes");
  }

  /** Opens a room that somebody named; returns what is wrong with the name, or null. */
  goToRoom(typed: string): string | null {
    // A keyboard may write é as two characters. What is typed is brought into the form that names have.
    const route = routeToRoom(typed.trim().normalize("NFC"));
    if (route.kind === "not-a-room") return route.sentence;
    history.pushState(null, "", this.#pagePath(route.room));
    this.route.value = route;
    return null;
  }

  /** The address of a room, to give to others. */
  roomAddress(room: string): string {
    return new URL(roomPath(room, this.#basePath), location.href).href;
  }

  reconnect(): void {
    this.#client.reconnect();
  }

  #openRoom(name: string): RoomModel {
    const model = new RoomModel({
      room: this.#client.room(name),
      name,
      self: this.self,
      now: () => systemClock.now(),
    });
    model.onArrival((messages) => {
      if (this.room.peek() === model) this.announcer.take(messages);
    });
    return model;
  }

  #pagePath(room: string): string {
    return roomPath(room, this.#basePath) + keptQuery(location.search);
  }

  #readAddress(): void {
    const route = readRoute(location.pathname, this.#basePath);
    if (route.kind === "room") history.replaceState(null, "", this.#pagePath(route.room));
    this.route.value = route;
  }

  #followSelf(): ReadonlySignal<Self> {
    const identity = signal(this.#client.identity);
    this.#client.on("state", (state) => {
      if (state.kind === "open") identity.value = state.identity;
    });
    return computed(() => ({ identity: identity.value, producer: this.#client.producer }));
  }

  #followConnection(rooms: VisitedRooms): void {
    this.#client.on("state", (state) => {
      if (state.kind === "open") for (const room of rooms.all()) room.history.recover();
    });
    effect(() => {
      const route = this.route.value;
      document.title = route.kind === "room" ? `${route.room} · Parlor` : "Parlor";
    });
  }

  /** "Today" becomes "Yesterday" at midnight; a page that slept finds out when it is looked at. */
  #followDays(): void {
    const tell = (): void => {
      this.today.value = dayOf(systemClock.now());
    };
    setInterval(tell, 60_000);
    document.addEventListener("visibilitychange", tell);
  }
}
