import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CHROMIUM_ARGS, findProgram } from "@parlor/testkit";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { ParlorProcess, temporaryFolder } from "../server/test/parlor-process.ts";

/** What a page complained of: nothing may, under a policy as strict as this. */
function complaints(page: Page): readonly string[] {
  const list: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") list.push(message.text());
  });
  page.on("pageerror", (error) => list.push(String(error)));
  return list;
}

/** How often each of the four events was shown, and the readyState that is marked. */
async function seen(page: Page): Promise<Record<string, string>> {
  const text = async (selector: string): Promise<string> =>
    (await page.locator(selector).textContent()) ?? "";
  return {
    readyState: await text("#ready-states [aria-current] b"),
    open: await text('[data-event="open"] b'),
    message: await text('[data-event="message"] b'),
    error: await text('[data-event="error"] b'),
    close: await text('[data-event="close"] b'),
  };
}

describe("the tutorial", () => {
  const folder = temporaryFolder();
  let parlor: ParlorProcess;
  let url = "";
  let browser: Browser;
  let context: BrowserContext;

  async function startParlor(port: string): Promise<void> {
    parlor = new ParlorProcess({ args: ["--port", port, "--data", folder.path] });
    url = await parlor.url;
  }

  before(async () => {
    await startParlor("0");
    const executablePath = findProgram("chromium");
    browser = await chromium.launch({ executablePath, args: [...CHROMIUM_ARGS] });
    context = await browser.newContext();
    context.setDefaultTimeout(15_000);
  });

  after(async () => {
    await browser?.close();
    await parlor[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test("[TUTOR-6] its page and a second one talk, and each event shows as it happens", async () => {
    const page = await context.newPage();
    const wrong = complaints(page);
    await page.goto(`${url}tutorial#step-2`);
    const frame = page.frameLocator("#frame");
    await frame.locator("#sendmsg:enabled").waitFor();
    assert.deepEqual(await seen(page), { readyState: "1", open: "1", message: "0", error: "0", close: "0" });

    const second = await context.newPage();
    const wrongInSecond = complaints(second);
    await second.goto(`${url}tutorial/chat.html`);
    await second.locator("#sendmsg:enabled").waitFor();
    await second.locator("#newmsg").fill("from the second");
    await second.locator("#newmsg").press("Enter");
    await frame.getByText("from the second").waitFor();
    await frame.locator("#newmsg").fill("<b>from the tutorial</b>");
    await frame.locator("#sendmsg").click();
    await second.getByText("<b>from the tutorial</b>").waitFor();
    assert.deepEqual(await second.locator("#chatlog p").allTextContents(), [
      "from the second",
      "<b>from the tutorial</b>",
    ]);

    await page.locator('#trace li:has-text("send")').waitFor();
    await page.waitForFunction(() => document.querySelector('[data-event="message"] b')?.textContent === "2");
    const trace = await page.locator("#trace b").allTextContents();
    assert.deepEqual(trace, ["new WebSocket", "open", "message", "send", "message"]);
    assert.deepEqual([...wrong, ...wrongInSecond], []);
    await second.close();
    await page.close();
  });

  test("[TUTOR-2] the code beside it is the file that runs, with the step's lines marked", async () => {
    const page = await context.newPage();
    await page.goto(`${url}tutorial`);
    const file = await (await fetch(`${url}tutorial/chat.html`)).text();
    await page.locator("#code li").nth(10).waitFor();
    const shown = await page.locator("#code code").allTextContents();
    assert.deepEqual(
      shown.map((line) => line.trimEnd()),
      file.trimEnd().split("\n"),
    );
    const marks: string[] = [];
    for (let step = 1; step <= 5; step++) {
      await page.locator(`#step-${step}`).waitFor();
      assert.equal(await page.locator("article section:visible").count(), 1);
      marks.push((await page.locator("#code .marked").allTextContents()).join("\n"));
      await page.locator("#next").click();
    }
    await page.locator("#step-6").waitFor();
    await page.locator("#next").click();
    await page.locator("#step-7").waitFor();
    assert.equal(await page.locator("#next:visible").count(), 0);
    await page.goBack();
    for (const [index, word] of [
      "chatlog",
      "new WebSocket",
      "socket.send",
      "onmessage",
      "onclose",
    ].entries()) {
      assert.ok(marks[index]?.includes(word), `step ${index + 1} marks ${word}`);
    }
    await page.goBack();
    await page.locator("#step-5").waitFor();
    await page.close();
  });

  test("[TUTOR-7] where WebSocket is missing, a kind notice says so and nothing breaks", async () => {
    const page = await context.newPage();
    const wrong = complaints(page);
    await page.goto(`${url}tutorial`);
    const frame = page.frameLocator("#frame");
    await frame.locator("#sendmsg:enabled").waitFor();
    await page.getByRole("button", { name: "Take WebSocket away" }).click();
    await frame.getByText("This chat needs WebSocket").waitFor();
    assert.equal(await frame.locator("#sendmsg:disabled").count(), 1);
    await page.getByRole("button", { name: "Give it back" }).click();
    await frame.getByText("Connected.").waitFor();
    assert.deepEqual(wrong, []);
    await page.close();
  });

  test("[TUTOR-8] a cut line is told, and after a refresh nothing is gone", async () => {
    const page = await context.newPage();
    await page.goto(`${url}tutorial#step-5`);
    const frame = page.frameLocator("#frame");
    await frame.locator("#sendmsg:enabled").waitFor();
    await page.locator("#step-5").getByRole("button", { name: "Cut the line" }).click();
    await frame.getByText("The connection was lost").waitFor();
    assert.equal((await seen(page))["readyState"], "3");
    assert.equal((await seen(page))["close"], "1");
    await fetch(`${url}rooms/tutorial/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": "meanwhile" },
      body: '"said meanwhile"',
    });
    await page.locator("#step-5").getByRole("button", { name: "refresh" }).click();
    await frame.getByText("said meanwhile").waitFor();

    // The same with the whole server: killed, and started again at its address.
    parlor.kill("SIGKILL");
    await frame.getByText("The connection was lost").waitFor();
    assert.equal((await seen(page))["close"], "1");
    await parlor.end();
    await page.locator("#step-5").getByRole("button", { name: "refresh" }).click();
    await startParlor(new URL(url).port);
    await page.reload();
    await frame.getByText("said meanwhile").waitFor();
    assert.equal(await frame.getByText("said meanwhile").count(), 1);
    await page.close();
  });
});

describe("the comparison", () => {
  let parlor: ParlorProcess;
  let url = "";
  let browser: Browser;

  before(async () => {
    parlor = new ParlorProcess({ environment: { PORT: "0", PARLOR_LOG: "memory:" } });
    url = await parlor.url;
    const executablePath = findProgram("chromium");
    browser = await chromium.launch({ executablePath, args: [...CHROMIUM_ARGS] });
  });

  after(async () => {
    await browser?.close();
    await parlor[Symbol.asyncDispose]();
  });

  test("[TUTOR-9] what is written in any pane shows in all three, each counted by what it took", async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    const wrong = complaints(page);
    await page.goto(`${url}tutorial/compare`);
    await page.getByText("Listening.").waitFor();
    await page.getByText("Connected.").waitFor();
    await page.getByText("Asking again and again.").waitFor();
    await page.locator("#interval").selectOption("500");
    const said: string[] = [];
    for (const pane of ["polling", "stream", "socket"]) {
      for (const word of ["one", "two"]) {
        const text = `${pane} says ${word}`;
        said.push(text);
        await page.locator(`#${pane} input`).fill(text);
        await page.locator(`#${pane} input`).press("Enter");
        for (const other of ["polling", "stream", "socket"]) {
          await page.locator(`#${other} .log`).getByText(text).waitFor();
        }
      }
    }
    // Until the counts that the browser reports late are in, and drawn.
    await page.waitForFunction(() => document.querySelector("#polling .dots")?.getAttribute("d") !== "");
    const figure = async (pane: string, name: string): Promise<string> =>
      (await page.locator(`#${pane} [data-figure="${name}"] dd`).textContent()) ?? "";
    for (const pane of ["polling", "stream", "socket"]) {
      assert.deepEqual(await page.locator(`#${pane} .log li`).allTextContents(), said, pane);
      for (const name of ["last", "median"])
        assert.match(await figure(pane, name), /^[\d.]+ m?s$/, `${pane} ${name}`);
    }
    assert.equal(await figure("socket", "requests"), "1");
    assert.equal(await figure("stream", "requests"), "3");
    assert.ok(Number(await figure("polling", "requests")) >= 8);
    const bytes = await Promise.all(["polling", "stream", "socket"].map((pane) => figure(pane, "bytes")));
    const [polling = 0, stream = 0, socket = 0] = bytes.map(inBytes);
    assert.ok(polling > stream && stream > socket && socket > 500, bytes.join(", "));
    assert.deepEqual(wrong, []);
    await page.close();
  });

  test("[TUTOR-9] what a refusal says is shown in the pane that asked", async () => {
    await using strict = new ParlorProcess({
      environment: { PORT: "0", PARLOR_LOG: "memory:", PARLOR_MAX_BODY_BYTES: "20" },
    });
    const page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${await strict.url}tutorial/compare`);
    await page.getByText("Connected.").waitFor();
    for (const pane of ["polling", "stream", "socket"]) {
      await page.locator(`#${pane} input`).fill("This is far more than twenty bytes.");
      await page.locator(`#${pane} input`).press("Enter");
      await page.locator(`#${pane} .log .refused`).waitFor();
    }
    await page.close();
  });
});

/** Of "1.62 KB" the bytes, as near as the page says it. */
function inBytes(words: string): number {
  const [number = "", unit = ""] = words.split(" ");
  return Number(number) * ({ B: 1, KB: 1_000, MB: 1_000_000 }[unit] ?? Number.NaN);
}
