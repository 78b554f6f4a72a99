// Serves the folder that was built, and rooms beside it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";

const parlor = new Parlor({ log: new MemoryLog(), requests: { double: ({ params }) => params * 2 } });
const TYPES = { js: "text/javascript", html: "text/html" };
const server = createServer((request, response) => void answer(request.url ?? "/", response));

async function answer(url, response) {
  const path = url === "/" ? "/index.html" : url;
  const body = await readFile(new URL(`./dist${path}`, import.meta.url)).catch(() => null);
  const type = TYPES[path.split(".").pop()] ?? "text/plain";
  response.writeHead(body === null ? 404 : 200, { "content-type": type });
  response.end(body);
}

parlor.attach(server);
server.listen(0, "127.0.0.1", () => console.log(`serves http://127.0.0.1:${server.address().port}/`));
