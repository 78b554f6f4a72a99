import type { Server } from "node:http";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import express from "express";

export function serve(port: number): Server {
  const app = express();
  app.get("/hello", (_request, response) => void response.send("from Express"));
  const server = app.listen(port, "127.0.0.1");

  const parlor = new Parlor({ log: new MemoryLog() });
  parlor.attach(server);
  return server;
}
