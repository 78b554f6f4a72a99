/**
 * The door of everything that carries a body: what the host's contract declares of it, then the host's hook.
 *
 * What passes is what the schema made of the body, so that hooks, handlers, the log and readers see the same:
 * with its defaults, without what the schema strips.
 *
 * Rules: docs/protocol.md, CONTRACT-.
 */
import type { SchemaIssue } from "@parlor/contract";
import { CodedError } from "@parlor/base";
import { askAuthorize, askSchema } from "./ask-hooks.ts";
import type { Action, AuthorizeAbout, AuthorizeQuestion, Refusal } from "./hooks.ts";
import { filesFault } from "./files-fault.ts";
import { SERVER_IDENTITY } from "./identity.ts";
import { jsonOf } from "./json-of.ts";
import type { DeclaredSchema } from "./schemas.ts";
import type { Services } from "./services.ts";

/** A body, and its JSON as it is stored and sent. */
export interface Judged {
  readonly body: unknown;
  readonly bodyJson: string;
}

type JudgeServices = Pick<Services, "authorize" | "clock" | "limits" | "logger" | "schemas" | "files">;

/** Answers at once where schema and hook do. Never rejects. */
export function judge(
  question: AuthorizeQuestion & AuthorizeAbout,
  judged: Judged,
  services: JudgeServices,
): Judged | Refusal | Promise<Judged | Refusal> {
  const declared = services.schemas?.find(question.action, question.room) ?? null;
  if (declared === null) return permit(question, judged, services);
  const settle = (fitted: Fitted | Refusal): Judged | Refusal | Promise<Judged | Refusal> => {
    if ("code" in fitted) return fitted;
    if (fitted.value === judged.body) return permit(question, judged, services);
    const made =
      question.action === "request" ? { body: fitted.value, bodyJson: "" } : toJson(fitted, services);
    return "code" in made ? made : permit(question, made, services);
  };
  const fitted = fit(declared, judged.body, services);
  return fitted instanceof Promise ? fitted.then(settle) : settle(fitted);
}

/** As `judge`, for the server's own code, whom no hook is asked about. */
export function judgeOwn(
  action: Action,
  room: string,
  judged: Judged,
  services: JudgeServices,
): Judged | Refusal | Promise<Judged | Refusal> {
  return judge({ identity: SERVER_IDENTITY, action, room }, judged, { ...services, authorize: null });
}

/** What the schema makes of a value, or why it does not fit. Answers at once where it does. Never rejects. */
export function fit(
  { schema, declared, part }: DeclaredSchema,
  value: unknown,
  services: JudgeServices,
): Fitted | Refusal | Promise<Fitted | Refusal> {
  return askSchema<Fitted>(
    () => schema["~standard"].validate(value),
    (answer) => {
      if (typeof answer !== "object" || answer === null) return "answered no result";
      if ("issues" in answer && answer.issues !== undefined) {
        return { code: "bad-frame", message: sentence(declared, part, answer.issues) };
      }
      return "value" in answer ? { value: answer.value } : "answered neither a value nor issues";
    },
    services,
  );
}

interface Fitted {
  readonly value: unknown;
}

function toJson({ value }: Fitted, { limits, logger }: JudgeServices): Judged | Refusal {
  try {
    return { body: value, bodyJson: jsonOf(value, limits.maxBodyBytes) };
  } catch (error) {
    if (error instanceof CodedError && error.code === "too-large") {
      return { code: "too-large", message: error.message };
    }
    logger.error("A schema made of a body what JSON can't say; it was refused.");
    return { code: "internal", message: "The host's schema failed; the server's log says how." };
  }
}

function permit(
  question: AuthorizeQuestion & AuthorizeAbout,
  judged: Judged,
  services: JudgeServices,
): Judged | Refusal | Promise<Judged | Refusal> {
  const verdict = askAuthorize(services.authorize, { ...question, body: judged.body }, services);
  if (verdict instanceof Promise) {
    return verdict.then((settled) => (settled === true ? withFiles(question, judged, services) : settled));
  }
  return verdict === true ? withFiles(question, judged, services) : verdict;
}

/** What a message names of files is to be in its room. */
function withFiles(
  { action, room }: AuthorizeQuestion,
  judged: Judged,
  { files }: JudgeServices,
): Judged | Refusal | Promise<Judged | Refusal> {
  if (files === null || action !== "publish") return judged;
  const fault = filesFault(files, room, judged);
  return fault === null ? judged : fault.then((refusal) => refusal ?? judged);
}

/** Characters of a sentence that are of the schema's own making. */
const MAX_PATH_CHARACTERS = 200;
const MAX_WORDS_CHARACTERS = 200;

/** `The body does not fit "chat:*": at body.items[3].text, expected a string.` */
function sentence(declared: string, part: string, issues: unknown): string {
  const list = Array.isArray(issues) ? (issues as readonly SchemaIssue[]) : [];
  const [first] = list;
  const path = cut(pathOf(part, first?.path ?? []), MAX_PATH_CHARACTERS);
  const words = cut(String(first?.message ?? "it is refused").replace(/[.\s]+$/, ""), MAX_WORDS_CHARACTERS);
  const more = list.length > 1 ? ` (and ${list.length - 1} more)` : "";
  return `This does not fit what is declared for ${JSON.stringify(declared)}: at ${path}, ${words}${more}.`;
}

function pathOf(part: string, path: NonNullable<SchemaIssue["path"]>): string {
  let text = part;
  for (const step of path) {
    const key = typeof step === "object" ? step.key : step;
    text += typeof key === "number" ? `[${key}]` : `.${String(key)}`;
    if (text.length > MAX_PATH_CHARACTERS) break;
  }
  return text;
}

function cut(text: string, maxCharacters: number): string {
  return (text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text).toWellFormed();
}
