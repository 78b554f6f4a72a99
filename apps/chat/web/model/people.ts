import { roomPresence, type ClientRoom } from "@parlor/client";
import { isJsonObject } from "@parlor/protocol";
import { signal } from "@preact/signals";
import { displayName } from "./display-name.ts";
import { lazily } from "./lazily.ts";

/** Somebody who is in the room. */
export interface Person {
  readonly identity: string;
  /** null for who gave none. */
  readonly name: string | null;
}

/** Who is here, as far as told. */
export interface Present {
  /** null before the first word of it. */
  readonly count: number | null;
  /** By name; null where so many are here that they are only counted. */
  readonly people: readonly Person[] | null;
}

const names = lazily(() => new Intl.Collator(undefined, { numeric: true }));

const UNKNOWN: Present = Object.freeze({ count: null, people: null });

/** Follows who is in the room that is open, and so shows this page to the others there. */
export class People {
  readonly present = signal(UNKNOWN);
  #stop: (() => void) | null = null;

  /** Is shown to the others under another name, in all rooms. */
  showName(room: ClientRoom, name: string): void {
    roomPresence(room).show({ name });
  }

  /** Follows another room, or none. */
  follow(room: ClientRoom | null): void {
    this.#stop?.();
    this.#stop = null;
    this.present.value = UNKNOWN;
    if (room === null) return;
    const presence = roomPresence(room);
    const tell = (): void => {
      const { count, isListed, isKnown, members } = presence;
      if (!isKnown) return;
      const people = isListed ? [...members].map(([identity, profile]) => person(identity, profile)) : null;
      this.present.value = { count, people: people?.toSorted(inOrder) ?? null };
    };
    this.#stop = presence.on("change", tell);
    tell();
  }
}

function person(identity: string, profile: unknown): Person {
  return { identity, name: isJsonObject(profile) ? displayName(profile["name"]) : null };
}

/** Guests behind those with a name; of one name by identity, so that nobody changes places. */
function inOrder(a: Person, b: Person): number {
  if ((a.name === null) !== (b.name === null)) return a.name === null ? 1 : -1;
  return names().compare(a.name ?? "", b.name ?? "") || (a.identity < b.identity ? -1 : 1);
}
