import { systemClock } from "@parlor/base";
import { ParlorClient, type Message } from "@parlor/client";
import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { Announcer } from "./announcer.ts";
import { browserNetwork, ConnectionWatch } from "./connection-watch.ts";
import { dayOf } from "./day.ts";
import { displayName, GUEST } from "./display-name.ts";
import { addToDraft } from "./draft.ts";
import { forcedTransport, keptQuery, sharesTabs } from "./forced-transport.ts";
import { identityOfKey, keptKey, keyInFragment, onOtherKey, type BroughtKey } from "./identity-key.ts";
import type { KeptTexts } from "./kept-texts.ts";
import { Loaded } from "./loaded.ts";
import { mentionPieces } from "./mentions.ts";
import { shownMessage } from "./message-body.ts";
import { People } from "./people.ts";
import { watchRelease } from "./release-watch.ts";
import { roomLabel } from "./room-label.ts";
import type { RoomModel } from "./room-model.ts";
import { nextRoom } from "./room-search.ts";
import { Rooms } from "./rooms.ts";
import { sharedLink } from "./shared-link.ts";
import { messageFragment, readRoute, roomPath, routeToRoom, type Route } from "./route.ts";
import type { Self } from "./rows.ts";
import type { TabMark } from "./tab-icon.ts";

const NAME_KEY = "parlor.name";
const NAME_ASKED_KEY = "parlor.name-asked";
/** A link that was opened and neither taken nor refused yet. */
export const LINK_KEY = "parlor.opened-link";

/** Whoever looks for something is told by then that the server can't be asked. */
const SEARCH_TIMEOUT_MS = 5_000;

/** Notices of mentions, for those who want them. */
const OTHER_KEY =
  "In another tab you became somebody else. What was not sent yet still goes out as who you were; then reload.";
const OTHER_RELEASE = "A newer version of this page is here. Reload to go on; what you wrote is kept.";

export const notices = new Loaded(() => import("./notices.ts"));

/** Frames that draw a room take so long on a slow machine, ms. */
const WATCH_AFTER_MS = 300;
/** How long the server has to tell of a room before what was kept of it is looked for, in ms. */
const KEEP_ROOMS_AFTER_MS = 600;
const keptRooms = new Loaded(() => import("./kept-rooms.ts"));

/** A dialog over the page. */
export type OpenDialog =
  | { readonly kind: "keys" | "you" | "find" }
  /** A link with a right in a room was opened; the room's own rules, and what waits for its moderators. */
  | { readonly kind: "link" | "room" }
  /** One message: it is reported, or a moderator does something about it. */
  | { readonly kind: "report" | "moderate"; readonly offset: number; readonly from: string }
  /** Somebody's key was brought here, by a link or by hand; null where the link was cut or changed on its way. */
  | { readonly kind: "key"; readonly brought: BroughtKey | null };

/** The whole page as signals: where it is, who one is, and the room that is open. */
export class AppModel {
  readonly connection: ConnectionWatch;
  readonly announcer = new Announcer();
  readonly texts: KeptTexts;
  /** The path below which the page and its rooms stand; begins and ends with a slash. */
  readonly basePath: string;
  readonly route = signal<Route>({ kind: "not-a-room", sentence: "" });
  readonly self: ReadonlySignal<Self>;
  /** The name that was chosen; null for none. */
  readonly chosenName = signal<string | null>(null);
  /** offered: shown by itself, once. wanted: the person wants to change their name. */
  readonly nameForm = signal<"closed" | "offered" | "wanted">("closed");
  readonly dialog = signal<OpenDialog | null>(null);
  /** Why the page is to be loaded anew, in words, where it does not do so by itself; null while it need not. */
  readonly outdatedBecause = signal<string | null>(null);
  readonly today = signal(dayOf(systemClock.now()));
  readonly room: ReadonlySignal<RoomModel | null>;
  readonly rooms: Rooms;
  /** Who is in the open room. */
  readonly people = new People();

  readonly #client: ParlorClient;
  /** The address of the server, without the room. */
  readonly #server: URL;

  /** @param workerPath Of the script of the worker that the browser's tabs share; empty for none. */
  constructor(basePath: string, texts: KeptTexts, workerPath = "") {
    this.basePath = basePath;
    this.#server = new URL(basePath, location.href);
    this.texts = texts;
    this.chosenName.value = displayName(texts.read(NAME_KEY));
    if (this.chosenName.value === null && texts.read(NAME_ASKED_KEY) === null)
      this.nameForm.value = "offered";
    const forced = forcedTransport(location.search);
    this.#client = new ParlorClient(this.#server, {
      transports: forced === null ? undefined : [forced],
      transport: sharesTabs(location.search) ? sharedLink(this.#server, workerPath) : undefined,
      profile: { name: this.name },
    });
    this.connection = new ConnectionWatch(this.#client, browserNetwork, systemClock);
    this.self = this.#followSelf();
    this.rooms = new Rooms({
      client: this.#client,
      texts,
      self: this.self,
      now: () => systemClock.now(),
      ownName: () => this.chosenName.peek(),
      isMention: (message) => this.#isMention(message),
      onMention: (room, message) => this.#tellMention(room, message),
      onOpen: (room) => {
        this.#announceFrom(room);
        // The server is mostly quicker, and then what was kept is not needed to begin with.
        setTimeout(() => void this.#keep(room), KEEP_ROOMS_AFTER_MS);
      },
      onForget: (name) => void keptRooms.get().then((part) => part?.forgetRoom(name, this.#server.href)),
    });
    const roomName = computed(() => (this.route.value.kind === "room" ? this.route.value.room : null));
    this.room = computed(() => (roomName.value === null ? null : this.rooms.visit(roomName.value)));
    this.#readAddress();
    addEventListener("popstate", () => this.#readAddress());
    this.#followRoom();
    this.#followConnection();
    this.#followReading();
    this.#followDays();
    onOtherKey(this.#server.origin, () => {
      if (this.holdsUnsent()) this.outdatedBecause.value = OTHER_KEY;
      else location.reload();
    });
    watchRelease(() => {
      // Where nobody did anything here yet, nobody need know.
      if (navigator.userActivation?.hasBeenActive !== false) this.outdatedBecause.value = OTHER_RELEASE;
      else location.reload();
    });
  }

  /** Loads the page anew. What it alone has of what was written becomes its room's draft. */
  reload(): void {
    // Behind what the field itself keeps when the page goes.
    addEventListener("pagehide", () => {
      if (this.#client.outboxStorage?.kind === "disk") return;
      for (const { name, unsentTexts } of this.rooms.open()) addToDraft(this.texts, name, unsentTexts);
    });
    location.reload();
  }

  /** The name that messages go out with. */
  get name(): string {
    return this.chosenName.value ?? GUEST;
  }

  /** Takes a name and keeps it; an empty one goes back to being a guest. */
  chooseName(name: string): void {
    const before = this.name;
    this.chosenName.value = displayName(name);
    const room = this.room.peek()?.name;
    if (this.name !== before && room !== undefined) this.people.showName(this.#client.room(room), this.name);
    this.texts.keep(NAME_KEY, this.chosenName.value ?? "");
    this.closeNameForm();
  }

  openDialog(dialog: OpenDialog): void {
    this.dialog.value = dialog;
  }

  /** @param which Nothing is closed where another one is open by now. */
  closeDialog(which = this.dialog.peek()): void {
    if (this.dialog.peek() === which) this.dialog.value = null;
  }

  /** Asks whether this browser is to become the owner of a key. */
  offerKey(brought: BroughtKey | null): void {
    this.dialog.value = { kind: "key", brought };
  }

  /** The address of the server, without the room. */
  get serverAddress(): string {
    return this.#server.href;
  }

  get client(): ParlorClient {
    return this.#client;
  }

  /** Asks the server for messages; `message-search.ts` says for what. */
  search(asked: object): Promise<unknown> {
    return this.#client.request("search", asked, { timeoutMs: SEARCH_TIMEOUT_MS });
  }

  /** Whether leaving the page would lose something that the person wrote. */
  holdsUnsent(): boolean {
    return [...this.rooms.open()].some((room) => room.holdsUnsent);
  }

  openNameForm(): void {
    this.nameForm.value = "wanted";
  }

  /** Closes it, and does not offer it again. */
  closeNameForm(): void {
    this.nameForm.value = "closed";
    this.texts.keep(NAME_ASKED_KEY, "yes");
  }

  /** Opens a room that somebody named, or whose address they pasted; returns what is wrong with it, or null. */
  goToRoom(typed: string): string | null {
    const pasted = typed.trim();
    if (pasted.startsWith(this.#server.href)) {
      const { pathname, hash } = new URL(pasted);
      this.#takeLink(hash);
      return this.#goTo(readRoute(pathname, this.basePath, hash));
    }
    // A keyboard may write é as two characters. What is typed is brought into the form that names have.
    return this.#goTo(routeToRoom(pasted.normalize("NFC")));
  }

  #goTo(route: Route): string | null {
    if (route.kind === "not-a-room") return route.sentence;
    const fragment = route.message === null ? "" : messageFragment(route.message);
    history.pushState(null, "", this.#pagePath(route.room) + fragment);
    this.route.value = route;
    return null;
  }

  /** Goes to the next room of the list, or to the next with something unread; false where there is none. */
  goToNext(step: 1 | -1, isUnread: boolean): boolean {
    const { listed } = this.rooms;
    const from = this.room.peek()?.name ?? null;
    const next = isUnread ? this.rooms.nextUnread(from, step) : nextRoom(listed.peek(), from, step);
    return next !== null && this.goToRoom(next.name) === null;
  }

  /** The address of a room, to give to others. */
  roomAddress(room: string): string {
    return new URL(roomPath(room, this.basePath), location.href).href;
  }

  /** The address of one message, at which the room opens there. */
  messageAddress(room: string, offset: number): string {
    return this.roomAddress(room) + messageFragment(offset);
  }

  /** Where the files of a room are, and its uploads. */
  roomFiles(room: string): string {
    return new URL(`rooms/${encodeURIComponent(room)}/`, this.#server).href;
  }

  /** What one is known by; null where this browser keeps no key. */
  ownKey(): string | null {
    return keptKey(this.#server.origin);
  }

  reconnect(): void {
    this.#client.reconnect();
  }

  #announceFrom(room: RoomModel): void {
    room.onArrival((messages) => {
      if (this.room.peek() === room) this.announcer.take(messages);
    });
  }

  async #keep(room: RoomModel): Promise<void> {
    const part = await keptRooms.get();
    const isWanted = (): boolean => this.rooms.isListed(room.name);
    await part?.keepRoom(room, this.#server.href, () => systemClock.now(), isWanted);
  }

  #isMention(message: Message): boolean {
    const body = shownMessage(message);
    const name = this.chosenName.peek();
    if (body.kind !== "text" || name === null) return false;
    return mentionPieces(body.text, name).some(({ mention }) => mention === "me");
  }

  /** Tells of it outside of the page, if the person wants that, and looks at no page of the browser. */
  #tellMention(room: string, message: Message): void {
    const body = shownMessage(message);
    if (body.kind !== "text") return;
    const address = this.messageAddress(room, message.offset);
    const mention = { room, offset: message.offset, by: body.name ?? GUEST, text: body.text, address };
    void notices.get().then((part) => part?.tellMention(mention, this.texts, () => this.goToRoom(address)));
  }

  #pagePath(room: string): string {
    return roomPath(room, this.basePath) + keptQuery(location.search);
  }

  #readAddress(): void {
    const brought = keyInFragment(location.hash);
    if (brought !== undefined) {
      // Out of sight, and out of the browser's history, before anything else.
      history.replaceState(null, "", location.pathname + location.search);
      this.offerKey(brought);
    }
    this.#takeLink(location.hash);
    const route = readRoute(location.pathname, this.basePath, location.hash);
    if (route.kind === "room") {
      const fragment = route.message === null ? "" : messageFragment(route.message);
      history.replaceState(null, "", this.#pagePath(route.room) + fragment);
    }
    this.route.value = route;
  }

  /** Keeps a link with a right until it is taken or refused; the address bar loses it with what else is not the room's. */
  #takeLink(fragment: string): void {
    if (fragment.startsWith("#link=")) this.texts.keep(LINK_KEY, fragment.slice(6));
    if (this.texts.read(LINK_KEY)) this.openDialog({ kind: "link" });
  }

  #followSelf(): ReadonlySignal<Self> {
    const identity = signal(this.#client.identity);
    this.#client.on("state", (state) => {
      if (state.kind === "open") identity.value = state.identity;
    });
    // Known before the server says so, or without it: what was kept of one's own is one's own.
    const key = keptKey(this.#server.origin);
    if (key !== null) void identityOfKey(key).then((own) => (identity.value ??= own));
    return computed(() => ({ identity: identity.value, producer: this.#client.producer }));
  }

  #followRoom(): void {
    effect(() => {
      const { route } = this;
      const message = route.value.kind === "room" ? route.value.message : null;
      if (message !== null) untracked(() => this.room.value?.showMessage(message));
    });
    effect(() => {
      const name = this.room.value?.name ?? null;
      untracked(() => {
        if (name !== null) this.rooms.note(name);
        this.people.follow(name === null ? null : this.#client.room(name));
      });
    });
  }

  #followConnection(): void {
    const welcomes = signal(0);
    this.#client.on("state", (state) => {
      if (state.kind !== "open") return;
      for (const room of this.rooms.open()) room.history.recover();
      welcomes.value += 1;
    });
    effect(() => {
      const room = this.room.value;
      if (welcomes.value === 0 || room?.isStanding.value === false) return undefined;
      // Not before: the room that somebody came for has the network for itself until it stands there, and is drawn.
      const timer = setTimeout(() => this.rooms.watch(), WATCH_AFTER_MS);
      return () => clearTimeout(timer);
    });
    effect(() => {
      const name = this.room.value?.name;
      const mark = this.#tabMark();
      const title = name === undefined ? "Parlor" : `${titleSign(mark)}${roomLabel(name)} · Parlor`;
      // A browser tells its window of each, also of the same.
      if (document.title !== title) document.title = title;
      // The icon itself is made by a part that comes a little later, and is drawn then.
      notices.come.value?.showTabMark(mark);
    });
  }

  /** For the browser's tab: how many speak to you, or else that something is unread. */
  #tabMark(): TabMark {
    const unread = this.rooms.listed.value.map((room) => room.unread);
    const count = unread.reduce((sum, { mentions }) => sum + mentions, 0);
    if (count > 0) return { kind: "mentions", count };
    return { kind: unread.some((each) => each.count > 0) ? "unread" : "none", count };
  }

  /** What stands at the newest end of the open room is read, while somebody can see the page. */
  #followReading(): void {
    const isVisible = signal(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", () => {
      isVisible.value = document.visibilityState === "visible";
    });
    let looked: RoomModel | null = null;
    effect(() => {
      const room = isVisible.value ? this.room.value : null;
      if (room !== looked) untracked(() => looked?.lookAway());
      looked = room;
      const isAtEnd = room !== null && room.timeline.value.isPinned && room.timeline.value.past === null;
      this.rooms.tellReading(isAtEnd ? room.name : null);
      if (!isAtEnd) return;
      untracked(() => {
        room.look();
        this.rooms.seen(room);
      });
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

function titleSign(mark: TabMark): string {
  return mark.kind === "mentions" ? `(${mark.count}) ` : mark.kind === "unread" ? "• " : "";
}
