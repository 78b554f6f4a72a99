export { FakeClock } from "./fake-clock.ts";
export { randomInteger, randomItem, seededRandom, shuffled, testSeed } from "./seeded-random.ts";
