import { parsePosition } from "@parlor/protocol";
import type { FormFields, Visit } from "@parlor/server";
import { displayName, GUEST } from "../../web/model/display-name.ts";
import { answerRefusal, answerSent } from "./live-answers.ts";
import { type FormContent, newOnce } from "./live-document.ts";
import { nameCookie, readVisitor } from "./visitor-cookies.ts";

const ONCE = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * Takes a message that was written in the form, and leads back to the page. The same form sent again (a
 * refresh, a double click, a try after an answer that got lost) is stored once; another text from the same
 * form, as after going back, is another message.
 */
export async function answerWritten(visit: Visit, room: string, basePath: string): Promise<void> {
  const result = await visit.readForm();
  if (result.kind === "gone") return;
  if (result.kind === "refused") return answerRefusal(visit, result.refusal);
  const form = formContent(result.fields);
  const name = displayName(form.name);
  const refuse = (message: string): void =>
    answerRefusal(visit, { code: "bad-frame", message }, { ...form, once: newOnce() });
  if (form.text.trim() === "") return refuse("There is nothing to send yet: write something first.");
  if (!ONCE.test(form.once)) return refuse("The form was not whole; this one is. Send it again.");

  const { key } = readVisitor(visit.request.headers.cookie);
  const body = { text: form.text, name: name ?? GUEST };
  const published = await visit.publish(
    { room, body, once: `${form.once}\n${form.text}` },
    key === null ? {} : { key },
  );
  if ("code" in published) return answerRefusal(visit, published, form);
  const scope = { basePath, isSecure: visit.scheme === "https" };
  answerSent(visit, parsePosition(form.after), { "set-cookie": nameCookie(name ?? "", scope) });
}

function formContent(fields: FormFields): FormContent {
  const field = (name: string): string => fields.get(name) ?? "";
  return {
    name: field("name"),
    // A browser writes line breaks as CRLF into a form.
    text: field("text").replaceAll("\r\n", "\n").trimEnd(),
    once: field("once"),
    after: field("after"),
  };
}
