export { FakeClock } from "./fake-clock.ts";
export { randomInteger, randomItem, seededRandom, shuffled, testSeed } from "./seeded-random.ts";
export { describeRoomLogContract } from "./contracts/room-log-contract.ts";
export { appendOf, type RoomLogContract, type RoomLogSubject } from "./contracts/room-log-subject.ts";
export { checkHistory, type HistoryOptions } from "./history-checker.ts";
export { HistoryRecorder, PartyRecorder, readHistory } from "./history-recorder.ts";
export type { HistoryEntry, HistoryEvent, Violation, ViolationName } from "./history.ts";
export { parseStrace, type SystemCall } from "./strace-lines.ts";
export { acksBeforeDurable, type TracedOrder, type TracedRecord } from "./syscall-order.ts";
