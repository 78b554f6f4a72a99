import type { RoomLog } from "@parlor/log";
import type { Moderation } from "@parlor/moderation";
import { type Parlor, stderrLogger } from "@parlor/server";
import { OperatorSocket, operatorSocketPath } from "./operator-socket.ts";

/**
 * Takes the operator's commands beside the log in a folder. Where there can be no socket it says so, and serves without;
 * null then, and for a log in memory, which no command would find.
 */
export async function listenForOperator(
  folder: string | null,
  parlor: Parlor,
  log: RoomLog,
  moderation: Moderation,
): Promise<OperatorSocket | null> {
  const path = folder === null ? null : operatorSocketPath(folder);
  if (path === null) return null;
  try {
    return await OperatorSocket.listen(path, {
      async deleteRoom(room) {
        const wasThere = await parlor.room(room).delete();
        await moderation.roomDeleted(room);
        const wasLeft = (await log.purge?.()) ?? false;
        if (wasThere) return "deleted";
        return wasLeft ? "finished" : "no-room";
      },
    });
  } catch (error) {
    stderrLogger.warn("There is no socket for the operator's commands; stop the server to delete a room.", {
      fault: error instanceof Error ? error.message : String(error),
    });
    return null;
  }
}
