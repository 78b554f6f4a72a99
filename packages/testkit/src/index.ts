export { FakeClock } from "./fake-clock.ts";
export { randomInteger, randomItem, seededRandom, shuffled, testSeed } from "./seeded-random.ts";
export { describeRoomLogContract } from "./contracts/room-log-contract.ts";
export { appendOf, type RoomLogContract, type RoomLogSubject } from "./contracts/room-log-subject.ts";
