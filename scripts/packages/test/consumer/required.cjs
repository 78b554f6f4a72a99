// The same by `require`, for who has not moved to modules.
const { MemoryLog } = require("@parlor/log");
const { Parlor } = require("@parlor/server");
const { ParlorClient } = require("@parlor/client");
const { SUBPROTOCOL } = require("@parlor/protocol");
const { checkHistory } = require("@parlor/testkit");

async function main() {
  const log = new MemoryLog();
  const parlor = new Parlor({ log });
  const { port } = await parlor.listen({ port: 0 });
  const client = new ParlorClient(`http://127.0.0.1:${port}/`);
  const { offset } = await client.room("news").publish("required");
  console.log(JSON.stringify({ offset, subprotocol: SUBPROTOCOL, violations: checkHistory([]) }));
  client.close();
  await parlor.close();
  await log.close();
}

void main();
