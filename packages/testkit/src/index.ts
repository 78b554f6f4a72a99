export { AlternatingBalancer } from "./alternating-balancer.ts";
export { FakeClock } from "./fake-clock.ts";
export { randomInteger, randomItem, seededRandom, shuffled, testSeed } from "./seeded-random.ts";
export { type BlobStoreContract, describeBlobStoreContract } from "./contracts/blob-store-contract.ts";
export { describeProjectionContract, type ProjectionContract } from "./contracts/projection-contract.ts";
export type { ProjectionModule, ProjectionSubject } from "./contracts/projection-subject.ts";
export { describeRoomLogContract } from "./contracts/room-log-contract.ts";
export {
  type CopyContract,
  type CopySubject,
  describeCopyAgainContract,
} from "./contracts/copy-again-contract.ts";
export { describeSignalBusContract, type SignalBusContract } from "./contracts/signal-bus-contract.ts";
export { sqliteBytes } from "./contracts/sqlite-bytes.ts";
export { appendOf, fill, type RoomLogContract, type RoomLogSubject } from "./contracts/room-log-subject.ts";
export {
  describeConnectionContract,
  type ConnectionContract,
  type ConnectionSubject,
  type ConnectionUnderTest,
} from "./contracts/connection-contract.ts";
export { describeClockContract, type ClockContract, type ClockSubject } from "./contracts/clock-contract.ts";
export { describeTransportContract, type TransportContract } from "./contracts/transport-contract.ts";
export type { TransportFarEnd } from "./contracts/transport-far-end.ts";
export { Heard } from "./contracts/heard.ts";
export { until, wait } from "./patience.ts";
export { freePort } from "./free-port.ts";
export { growthWhenDoubled } from "./growth.ts";
export { CountedConnections } from "./counted-connections.ts";
export { CHROMIUM_ARGS } from "./chromium-args.ts";
export { findProgram } from "./find-program.ts";
export { checkHistory, HistoryChecker, type HistoryOptions } from "./history-checker.ts";
export { entryOf, HistoryRecorder, PartyRecorder, readHistory } from "./history-recorder.ts";
export type { HistoryEntry, HistoryEvent, LogEvent, Violation, ViolationName } from "./history.ts";
export { crashImages, type CrashPoint } from "./crash-images/crash-images.ts";
export { diskEvents, TRACED_CALLS, type DiskEvent } from "./crash-images/disk-events.ts";
export { KILL_POINTS, killAt, killedAt, type KillPoint, type PlannedKill } from "./kill-points.ts";
export { parseStrace, type SystemCall } from "./strace-lines.ts";
export { acksBeforeDurable, type TracedOrder, type TracedRecord } from "./syscall-order.ts";
export { ProcessKiller, type ProcessEnd, type ProcessKillerOptions } from "./process-killer.ts";
export {
  decodeRawFrame,
  encodeRawFrame,
  OPCODES,
  type RawFrame,
  type RawFrameOptions,
} from "./raw-frames.ts";
export {
  RawSocketPeer,
  type RawHandshake,
  type RawResponse,
  type RawSocketPeerOptions,
} from "./raw-socket-peer.ts";
export { TcpProxy, type Direction } from "./tcp-proxy.ts";
export type { Hold } from "./tcp-road.ts";
export { NatsCluster, type NatsClusterOptions } from "./nats-cluster.ts";
export { recordLog } from "./record-log.ts";
export { RoomRecorder, type RoomCount, type RoomRecorderOptions } from "./room-recorder.ts";
export { RecordedPeer, type RecordedPeerOptions } from "./recorded-peer.ts";
export { blocksUpgrades } from "./proxies/blocks-upgrades.ts";
export { buffersResponses } from "./proxies/buffers-responses.ts";
export { cutsAfter } from "./proxies/cuts-after.ts";
export type { ProxiedRequest, ProxyFault } from "./proxies/proxy-fault.ts";
export { replaysPosts, type Replay } from "./proxies/replays-posts.ts";
export { startProxy, type ProxyOptions, type RunningProxy } from "./proxies/start-proxy.ts";
export { swallowsFrames } from "./proxies/swallows-frames.ts";
export { haproxyDefaultSite, startHaproxy } from "./proxies/haproxy.ts";
export { nginxDefaultSite, startNginx } from "./proxies/nginx.ts";
export type { ProxyProgram } from "./proxies/proxy-program.ts";
export { type Certificate, selfSignedCertificate } from "./proxies/self-signed-certificate.ts";
export { uploadFile, type UploadedTestFile } from "./upload-file.ts";
