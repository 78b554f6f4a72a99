/**
 * Takes the pictures of `docs/screenshots` from the running product: `npm run screenshots`. The people in them have
 * fixed keys, so that their colours and tags are the same in every picture.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { buildOperator } from "../web/build-operator.ts";
import { buildPage } from "../web/build.ts";
import { animationsOver } from "./animations.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage, type VisitOptions } from "./stage.ts";

const OPERATOR_KEY = "the-operator-of-the-pictures";

const FOLDER = join(import.meta.dirname, "../../../docs/screenshots");

const DESK: VisitOptions = { viewport: { width: 1280, height: 760 } };
const PHONE: VisitOptions = { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true };

function person(name: string, key: string): VisitOptions {
  return { name, key: `screenshots-of-the-page-${key}` };
}
const ADA = person("Ada", "4");
const OTHER_ADA = person("Ada", "5");
const GRACE = person("Grace", "2");
const LINUS = person("Linus", "8");

/** Of small pictures in one place, each after all that moves came to rest. */
async function take(page: Page, name: string): Promise<void> {
  // Rows under a pointer show what can be done with them.
  await page.mouse.move(0, 0);
  await animationsOver(page);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  process.stdout.write(`docs/screenshots/${name}.png\n`);
}

async function talk(page: Page, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const before = await page.locator(".message[data-offset]").count();
    await say(page, text);
    // In the room, and so before what anybody says next.
    await page.waitForFunction(
      (count) => document.querySelectorAll(".message[data-offset]").length > count,
      before,
    );
  }
}

async function goTo(page: Page, room: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByLabel("Find a room, or go to one").fill(room);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: room, exact: true }).waitFor();
}

await using stage = await (async () => {
  await mkdir(FOLDER, { recursive: true });
  await buildPage();
  await buildOperator();
  return await Stage.set(["--operator-key", OPERATOR_KEY]);
})();

// From the first moment on, so that there is something to see in its charts.
const operator = await stage.visit({ ...DESK, path: "operator" });
await operator.getByLabel("Operator's key").fill(OPERATOR_KEY);
await operator.keyboard.press("Enter");
await operator.locator(".chart").first().waitFor();

const ada = await stage.visit({ ...ADA, ...DESK });
for (const room of ["reading club", "garden", "release 0.1", "night train", "lobby"]) await goTo(ada, room);

const grace = await stage.visit({ ...GRACE, ...DESK });
await talk(
  grace,
  "Good evening. The server was restarted in the middle of my sentence, and here it is all the same.",
);
const linus = await stage.visit({ ...LINUS, ...DESK });
await talk(linus, "I was in a tunnel for ten minutes. It went on where I had stopped reading.");
await talk(ada, "So did mine. Has anybody tried the **game**?");
const other = await stage.visit({ ...OTHER_ADA, ...DESK });
await talk(other, "I have. And I'm another Ada: the colour and the four letters tell us apart.");
await linus.locator(".message", { hasText: "Has anybody tried" }).focus();
await linus.keyboard.press("r");
await linus.getByText("Replying to").waitFor();
await talk(linus, "Twice. I lost to @Grace both times.");
await talk(grace, "This is all it takes, by the way:\n```sh\nnpm start # and it says where it is\n```");
await talk(ada, "Then I'll show it to the reading club tonight.", "See you there!");
await seesLast(grace, "See you there!");
await goTo(linus, "garden");
await talk(linus, "The tomatoes are out", "@Ada, come and see");
await goTo(grace, "night train");
await talk(grace, "Berlin at six", "Who else is on it?", "I bring the coffee");
for (const room of ["garden", "night train"])
  await ada.locator(".room-entry", { hasText: room }).locator(".badge").waitFor();
await goTo(linus, "lobby");
await goTo(grace, "lobby");
await ada.locator(".badge.is-mention").waitFor();

await take(ada, "desktop");
await ada.emulateMedia({ colorScheme: "dark" });
await take(ada, "dark");

const phone = await stage.visit({ ...LINUS, ...PHONE });
await seesLast(phone, "See you there!");
await take(phone, "phone");
await phone.goto(new URL("r/garden", stage.url).href);
await seesLast(phone, "@Ada, come and see");
await phone.emulateMedia({ colorScheme: "dark" });
await phone.getByRole("button", { name: "Rooms" }).click();
await take(phone, "phone-rooms");
await phone.context().close();

await ada.emulateMedia({ colorScheme: "light" });
await goTo(ada, "an empty room");
await ada.getByText("Nothing was said here yet").waitFor();
await take(ada, "empty");

// A room with somebody who keeps order in it: what waits for them, what they can do, and how it looks from below.
await goTo(ada, "market");
await talk(ada, "Welcome to the market. One stall a person, please.");
await ada.getByText("You made this room").waitFor();
await goTo(grace, "market");
const seller = await stage.visit({ ...person("Sal", "7"), ...PHONE, path: "r/market" });
await talk(grace, "I have plums, and somebody must take them.");
await talk(seller, "Watches! Real ones! Nearly free!", "WATCHES!!!");
await seesLast(grace, "WATCHES!!!");
await grace.locator(".message", { hasText: "WATCHES!!!" }).focus();
await grace.keyboard.press("!");
await grace.getByRole("radio").first().check();
await grace.getByLabel("Anything to add").fill("He does this every day.");
await grace.getByRole("dialog").getByRole("button", { name: "Report", exact: true }).click();
await grace.getByText("see it with what was said around it").waitFor();
await grace.keyboard.press("Escape");
await ada.getByRole("button", { name: /1 waiting for a moderator/ }).click();
await ada.getByText("He does this every day.").waitFor();
await take(ada, "moderation-queue");
await ada.keyboard.press("Escape");
await ada.locator(".message", { hasText: "WATCHES!!!" }).focus();
await ada.keyboard.press("m");
await ada.getByRole("dialog").waitFor();
await take(ada, "moderation-acts");
await ada.getByRole("dialog").getByRole("button", { name: "Mute", exact: true }).click();
await seller.locator(".rule.is-shut", { hasText: "muted you" }).waitFor();
await take(seller, "muted");
await seller.context().close();
await ada.getByRole("button", { name: /^This room/ }).click();
await ada.locator(".tabs").getByRole("button", { name: "Rules" }).click();
await ada.getByLabel(/Slow mode/).waitFor();
await take(ada, "moderation-rules");
await ada.keyboard.press("Escape");

await goTo(ada, "lobby");
await goTo(grace, "lobby");
await take(operator, "operator");

await stage.killServer();
await ada.getByText("What you write is kept.").waitFor();
await say(ada, "Written while nobody can hear it.");
await ada.getByText("One message waits here").waitFor();
await ada.locator(".echo-waits").waitFor();
await take(ada, "offline");
