export { fullJitterMs, type BackoffOptions } from "./backoff.ts";
export { systemClock, type Clock, type TimerHandle } from "./clock.ts";
export { pageClock } from "./page-clock.ts";
export { CodedError } from "./coded-error.ts";
export { randomId, systemRandom, type Random } from "./random.ts";
export { RingBuffer } from "./ring-buffer.ts";
export { seededRandom } from "./seeded-random.ts";
export { startTicks } from "./ticks.ts";
export { TokenBucket } from "./token-bucket.ts";
