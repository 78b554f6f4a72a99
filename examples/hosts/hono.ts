import type { Server } from "node:http";
import { serve as listen } from "@hono/node-server";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { Hono } from "hono";

export function serve(port: number): Server {
  const app = new Hono();
  app.get("/hello", (context) => context.text("from Hono"));
  const server = listen({ fetch: app.fetch, port, hostname: "127.0.0.1" }) as Server;

  const parlor = new Parlor({ log: new MemoryLog() });
  parlor.attach(server);
  return server;
}
