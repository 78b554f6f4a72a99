import { describeAppending } from "./room-log-appending.ts";
import { describeFollowing } from "./room-log-following.ts";
import { describeForgetting } from "./room-log-forgetting.ts";
import { describeAgainstModel } from "./room-log-model.ts";
import { describeReading } from "./room-log-reading.ts";
import type { RoomLogContract } from "./room-log-subject.ts";

/**
 * Every sentence of the port `RoomLog`, as tests. An implementation calls this from its own
 * `…contract.test.ts`, with how to make one, and passes or is no `RoomLog`.
 */
export function describeRoomLogContract(contract: RoomLogContract): void {
  describeAppending(contract);
  describeReading(contract);
  describeFollowing(contract);
  describeForgetting(contract);
  describeAgainstModel(contract);
}
