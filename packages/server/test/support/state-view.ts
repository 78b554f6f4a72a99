import type { StateFrame } from "@parlor/protocol";

export const read = (room: string, state: true | number = true): object => ({
  type: "subscribe",
  room,
  state,
});
export const set = (key: string, value: unknown, members: object = {}): object => ({
  type: "set",
  room: "prices",
  key,
  value,
  ...members,
});

/** What a client has that applies what it is told. */
export class View {
  version = 0;
  readonly entries = new Map<string, unknown>();

  take(frame: StateFrame): this {
    if (frame.full === true) this.entries.clear();
    for (const [key, value] of Object.entries(frame.entries)) {
      if (value === null) this.entries.delete(key);
      else this.entries.set(key, value);
    }
    this.version = frame.version;
    return this;
  }

  get object(): object {
    return Object.fromEntries(this.entries);
  }
}
