import type { NatsLink } from "./nats-link.ts";
import type { SweptStream } from "./stream-sweep.ts";
import type { Subjects } from "./subjects.ts";

/** The streams of rooms' records, by name, as a sweep asks them. */
export function sweptStreams(link: NatsLink, subjects: Subjects): ReadonlyMap<string, SweptStream> {
  const names = Array.from({ length: subjects.shards }, (_, shard) => subjects.stream(shard));
  return new Map(names.map((name) => [name, sweptStream(link, subjects, name)]));
}

function sweptStream(link: NatsLink, subjects: Subjects, name: string): SweptStream {
  return {
    end: () => link.end(name),
    recordAt: async (seq) => {
      const place = await link.placeOf(name, seq);
      return place === null ? null : { time: place.time, room: subjects.roomOf(place.subject) };
    },
  };
}
