/** A room that this process follows at the owner, under a number that events carry. */
export interface FollowedRoom {
  readonly room: string;
  readonly number: number;
  users: number;
}

/** Which rooms are followed at the owner: one following for each room, however many listen here. */
export class FollowedRooms {
  readonly #byRoom = new Map<string, FollowedRoom>();
  readonly #byNumber = new Map<number, FollowedRoom>();
  #lastNumber = 0;

  /** Adds a listener to the room; `isNew` where it is the first. Each needs one `leave`. */
  enter(room: string): { readonly followed: FollowedRoom; readonly isNew: boolean } {
    const known = this.#byRoom.get(room);
    if (known !== undefined) {
      known.users += 1;
      return { followed: known, isNew: false };
    }
    this.#lastNumber += 1;
    const followed = { room, number: this.#lastNumber, users: 1 };
    this.#byRoom.set(room, followed);
    this.#byNumber.set(followed.number, followed);
    return { followed, isNew: true };
  }

  /** Whether that was the room's last listener. */
  leave(followed: FollowedRoom): boolean {
    followed.users -= 1;
    if (followed.users > 0) return false;
    if (this.#byRoom.get(followed.room) === followed) this.#byRoom.delete(followed.room);
    this.#byNumber.delete(followed.number);
    return true;
  }

  /** Undefined where its last listener left while the event was on its way. */
  roomOf(number: number): string | undefined {
    return this.#byNumber.get(number)?.room;
  }

  all(): Iterable<FollowedRoom> {
    return this.#byRoom.values();
  }
}
