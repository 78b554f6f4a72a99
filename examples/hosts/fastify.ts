import type { Server } from "node:http";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import fastify from "fastify";

export async function serve(port: number): Promise<Server> {
  const app = fastify();
  app.get("/hello", () => "from Fastify");
  await app.listen({ port, host: "127.0.0.1" });

  const parlor = new Parlor({ log: new MemoryLog() });
  parlor.attach(app.server);
  return app.server;
}
