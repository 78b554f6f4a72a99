/**
 * What the types of a contract let through and what not, with each of three libraries; checked by the compiler in
 * `npm run check`, and never run. What is marked as an expected error is one if it compiles.
 */
import { ParlorClient, roomSignals, roomState, type ClientRoom } from "@parlor/client";
import { defineContract } from "@parlor/contract";
import { Parlor, type ParlorOptions, type RoomHandle } from "@parlor/server";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";

type Log = ParlorOptions["log"];
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles where `true` is given. */
declare function is<Claim extends true>(claim?: Claim): void;

const byZod = defineContract({
  rooms: {
    "chat:*": {
      message: z.object({
        text: z.string(),
        at: z.iso
          .datetime()
          .transform((text) => new Date(text))
          .optional(),
      }),
    },
    "chat:quiet": { message: z.literal("hush") },
    prices: {
      message: z.string().transform(Number),
      state: z.object({ bid: z.number() }),
      signal: z.boolean(),
    },
    "@*": { message: z.object({ invited: z.string() }) },
  },
  requests: {
    rename: { params: z.string(), result: z.object({ name: z.string() }) },
    count: { result: z.number() },
  },
});
const byValibot = defineContract({
  rooms: { "chat:*": { message: v.object({ text: v.string() }) } },
  requests: { rename: { params: v.string(), result: v.object({ name: v.string() }) } },
});
const byArktype = defineContract({
  rooms: { "chat:*": { message: type({ text: "string" }) } },
  requests: { rename: { params: type("string"), result: type({ name: "string" }) } },
});

export async function zodInThePage(client: ParlorClient<typeof byZod>, id: number): Promise<void> {
  const room = client.room("chat:42");
  await room.publish({ text: "hello" });
  // @ts-expect-error -- the body has no text
  await room.publish({ txt: "hello" });
  // @ts-expect-error -- a text is a string
  await room.publish({ text: 7 });
  // @ts-expect-error -- a body is an object
  await room.publish("hello");
  // A name that is put together is of its pattern, too.
  // @ts-expect-error -- the body has no text
  await client.room(`chat:${id}`).publish({});
  // The longest pattern counts.
  await client.room("chat:quiet").publish("hush");
  // @ts-expect-error -- this room is another than its neighbours
  await client.room("chat:quiet").publish({ text: "loud" });
  // What nobody declared may be anything.
  await client.room("elsewhere").publish({ anything: [1] });

  room.on("messages", (messages) => {
    for (const message of messages) {
      // @ts-expect-error -- the body may have been erased
      message.body.text.trim();
      const { body } = message;
      if (body === null) continue;
      body.text.trim();
      // As JSON has it.
      is<Equal<typeof body.at, string | undefined>>();
      // @ts-expect-error -- nobody declared that
      void body.other;
    }
  });
  for await (const { body } of client.room("prices").messages()) is<Equal<typeof body, number | null>>();
  // What goes in is a text, what comes out a number.
  await client.room("prices").publish("1.5");
  // @ts-expect-error -- what goes in is a text
  await client.room("prices").publish(1.5);

  const state = roomState(client.room("prices"));
  await state.set("AAPL", { bid: 1 });
  await state.set("AAPL", null);
  // @ts-expect-error -- a bid is a number
  await state.set("AAPL", { bid: "1" });
  is<Equal<typeof state.values, ReadonlyMap<string, { bid: number }>>>();

  const signals = roomSignals(client.room("prices"));
  signals.signal(true);
  // @ts-expect-error -- a signal here is true or false
  signals.signal("true");
  signals.on("signal", ({ body }) => is<Equal<typeof body, boolean>>());

  const inbox = await client.inbox();
  inbox.on("messages", ([message]) => {
    message?.body?.invited.trim();
  });

  const renamed = await client.request("rename", "Ada", { timeoutMs: 5 });
  is<Equal<typeof renamed, { name: string }>>();
  const counted = await client.request("count");
  is<Equal<typeof counted, number>>();
  // @ts-expect-error -- the parameters are a string
  await client.request("rename", 7);
  // @ts-expect-error -- they can't be left out
  await client.request("rename");
  // @ts-expect-error -- no such request is declared
  await client.request("remane", "Ada");

  // Typed rooms go where any room does.
  const any: ClientRoom = room;
  void any;
}

export async function zodOnTheServer(log: Log): Promise<void> {
  const parlor = new Parlor({
    log,
    contract: byZod,
    requests: {
      rename: ({ params }) => ({ name: params.trim() }),
      count: async () => 1,
    },
  });
  await parlor.room("chat:42").publish({ text: "hello" });
  // @ts-expect-error -- the body has no text
  await parlor.room("chat:42").publish({ txt: "hello" });
  await parlor.identity("ada").push({ invited: "club" });
  // @ts-expect-error -- who is invited is told where to
  await parlor.identity("ada").push({ invited: 7 });
  // @ts-expect-error -- a bid is a number
  await parlor.room("prices").set("AAPL", { bid: "1" });
  parlor.room("prices").signal(true);
  // @ts-expect-error -- a signal here is true or false
  parlor.room("prices").signal(1);
  const { messages } = await parlor.room("chat:42").read();
  for (const { body } of messages) is<Equal<typeof body, { text: string; at?: string | undefined } | null>>();
  const any: RoomHandle = parlor.room("chat:42");
  void any;

  new Parlor({
    log,
    contract: byZod,
    // @ts-expect-error -- a handler is missing
    requests: { count: () => 1 },
  });
  new Parlor({
    log,
    contract: byZod,
    requests: {
      // @ts-expect-error -- the answer has no name
      rename: () => ({ nam: "Ada" }),
      count: () => 1,
    },
  });
}

export async function theOthers(log: Log): Promise<void> {
  const [valibot, arktype] = [new ParlorClient<typeof byValibot>(), new ParlorClient<typeof byArktype>()];
  await valibot.room("chat:1").publish({ text: "hello" });
  await arktype.room("chat:1").publish({ text: "hello" });
  // @ts-expect-error -- a text is a string
  await valibot.room("chat:1").publish({ text: 7 });
  // @ts-expect-error -- a text is a string
  await arktype.room("chat:1").publish({ text: 7 });
  // @ts-expect-error -- the parameters are a string
  await valibot.request("rename", 7);
  // @ts-expect-error -- the parameters are a string
  await arktype.request("rename", 7);
  const renamed = [await valibot.request("rename", "Ada"), await arktype.request("rename", "Ada")] as const;
  is<Equal<typeof renamed, readonly [{ name: string }, { name: string }]>>();
  // @ts-expect-error -- the body has no text
  await new Parlor({ log, contract: byValibot }).room("chat:1").publish({});
  // @ts-expect-error -- the body has no text
  await new Parlor({ log, contract: byArktype }).room("chat:1").publish({});
}

/** Without a contract everything is as it was. */
export async function withoutAContract(log: Log): Promise<void> {
  const client = new ParlorClient();
  await client.room("lobby").publish({ anything: 1 });
  const name = await client.request<string>("rename", "Ada");
  name.trim();
  const parlor: Parlor = new Parlor({ log, requests: { rename: ({ params }) => params } });
  await parlor.room("lobby").publish("anything");
  const [message] = (await parlor.room("lobby").read()).messages;
  is<Equal<NonNullable<typeof message>["body"], unknown>>();
}
