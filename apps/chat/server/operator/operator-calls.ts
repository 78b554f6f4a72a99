import { randomId, systemClock } from "@parlor/base";
import type { Retention, RoomLog } from "@parlor/log";
import type { Moderation } from "@parlor/moderation";
import { roomNameFault } from "@parlor/protocol";
import type { Parlor } from "@parlor/server";
import { newestActs, noteAct, type OperatorAct } from "./operator-acts.ts";
import type { ModerationSeen } from "./moderation-seen.ts";
import { type Download, downloadPass, readDownloadPass } from "./download-pass.ts";
import { listRooms, roomDetails } from "./operator-rooms.ts";
import { numberParam, objectParam, textParam } from "./call-params.ts";
import { OperatorRefusal } from "./operator-refusal.ts";
import type { OperatorCall, OperatorCalls } from "./operator-site.ts";
import { OperatorWalks } from "./operator-walks.ts";

const ACTS_SHOWN = 100;

/** A job's id also names what it publishes, as a producer, with room for what tells its end from its beginning. */
const ID_CHARACTERS = 16;

/** The server itself is `@server`, and what it says is nobody's. */
const IDENTITY = /^[^@\s][^\s]{0,126}$/u;

/** What the operator's page asks and commands. Whatever is done is noted before it is done. */
export function operatorCalls(
  parlor: Parlor,
  log: RoomLog,
  moderation: Moderation,
  retention: Retention,
  drain: () => void,
  operatorKey: string,
): OperatorCalls {
  const walks = new OperatorWalks(log);
  const note = async ({ visit }: OperatorCall, act: OperatorAct): Promise<string> => {
    const id = randomId(ID_CHARACTERS);
    await noteAct(parlor, id, visit.address, act);
    return id;
  };
  /** Is noted and begun; the answer is the file itself. */
  const download = async (call: OperatorCall, { kind, of }: Download): Promise<null> => {
    if (kind === "export") {
      await note(call, { kind, room: of });
      return walks.exportRoom(call.visit, of);
    }
    await note(call, { kind, identity: of });
    return walks.exportIdentity(call.visit, of);
  };
  return {
    passed: (pass) => {
      const wanted = operatorKey === "" ? null : readDownloadPass(pass, operatorKey, systemClock.now());
      return wanted === null ? null : (call) => download(call, wanted);
    },
    GET: {
      figures: async () => ({ processes: parlor.operator.figures() }),
      rooms: ({ params: { find = "", after = "" } }) => listRooms(log, String(find), String(after)),
      room: (call) => roomDetails(parlor, log, moderation, retention, roomParam(call)),
      moderation: async () => {
        const { asOperator } = moderation;
        const reports = await asOperator.reports();
        return {
          everywhere: asOperator.everywhere,
          rooms: asOperator.rooms(),
          reports,
          held: asOperator.held(),
          sanctions: asOperator.sanctions(),
        } satisfies ModerationSeen;
      },
      acts: async () => ({ acts: await newestActs(log, ACTS_SHOWN) }),
      written: (call) => walks.findWritten(call.visit, identityParam(call)),
      people: (call) => walks.findPeople(call.visit),
      export: (call) => download(call, { kind: "export", of: roomParam(call) }),
      "export-identity": (call) => download(call, { kind: "export-identity", of: identityParam(call) }),
      download: async () => {
        throw new OperatorRefusal(403, "forbidden", "That link is over: begin the export again on the page.");
      },
    },
    POST: {
      "export-pass": async (call) => {
        const of = roomParam(call);
        return { pass: downloadPass({ kind: "export", of }, operatorKey, systemClock.now()) };
      },
      "export-identity-pass": async (call) => {
        const of = identityParam(call);
        return { pass: downloadPass({ kind: "export-identity", of }, operatorKey, systemClock.now()) };
      },
      act: async (call) => {
        const [room, act] = [textParam(call, "room"), objectParam(call, "act")];
        const id = await note(call, { kind: "moderate", room, act });
        return await moderation.asOperator.act(room, id, act);
      },
      erase: async (call) => ({ id: await note(call, { kind: "erase", identity: identityParam(call) }) }),
      "delete-room": async (call) => {
        const room = roomParam(call);
        const { epoch } = await log.head(room);
        return { id: await note(call, { kind: "delete-room", room, epoch }) };
      },
      "end-connection": async (call) => {
        const [node, number] = [textParam(call, "node"), numberParam(call, "number")];
        const { identity } = call.params;
        const isEnded = parlor.operator.endConnection(node, number);
        if (!isEnded) throw new OperatorRefusal(404, "unknown-frame", "That connection is over already.");
        await note(call, { kind: "end-connection", identity: typeof identity === "string" ? identity : "" });
        return { isEnded };
      },
      drain: async (call) => {
        await note(call, { kind: "drain" });
        // The answer goes out first.
        call.visit.response.once("close", drain);
        return { isDraining: true };
      },
    },
  };
}

function roomParam(call: OperatorCall): string {
  const room = textParam(call, "room");
  const fault = roomNameFault(room);
  if (fault === null) return room;
  throw new OperatorRefusal(400, "bad-room", `Not a room: ${fault}.`);
}

function identityParam(call: OperatorCall): string {
  const identity = textParam(call, "identity");
  if (IDENTITY.test(identity)) return identity;
  throw new OperatorRefusal(400, "bad-frame", "That can't be an identity: it has 22 characters.");
}
