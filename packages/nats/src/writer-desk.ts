import type { Append } from "@parlor/log";
import type { Msg } from "@nats-io/transport-node";
import type { Forwarded } from "./forwarder.ts";
import type { NatsLink } from "./nats-link.ts";

/** A writer that says nothing for so long is not waited for. */
const SILENCE_MS = 300;

type Answer = Forwarded | { readonly fault: string };

/** Appends that nodes hand to one another: those of others are done here, and this one's there. */
export class WriterDesk {
  readonly #link: NatsLink;
  readonly #subject: (node: string) => string;
  readonly #append: (room: string, appends: readonly Append[]) => Promise<Forwarded>;
  readonly #subscription: { unsubscribe(): void };

  constructor(
    link: NatsLink,
    subject: (node: string) => string,
    nodeId: string,
    append: (room: string, appends: readonly Append[]) => Promise<Forwarded>,
  ) {
    this.#link = link;
    this.#subject = subject;
    this.#append = append;
    this.#subscription = link.subscribe(subject(nodeId), (message) => void this.#answer(message));
  }

  /** @throws {Error} the node was silent, or could not do it; it may have been done. */
  async ask(node: string, appends: readonly Append[]): Promise<Forwarded> {
    const question = JSON.stringify(appends);
    const message = await this.#link.connection.request(this.#subject(node), question, {
      timeout: SILENCE_MS,
    });
    const answer = message.json<Answer>();
    if ("fault" in answer) throw new Error(answer.fault);
    return answer;
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  async #answer(message: Msg): Promise<void> {
    let answer: Answer;
    try {
      const appends = message.json<readonly Append[]>();
      const [first] = appends;
      answer = first === undefined ? { fault: "no appends" } : await this.#append(first.room, appends);
    } catch (error) {
      answer = { fault: error instanceof Error ? error.message : String(error) };
    }
    message.respond(JSON.stringify(answer));
  }
}
