import type { CoreExtra } from "./core-parts.ts";
import type { ClientShell } from "./client-shell.ts";
import type { Ticket } from "./effects.ts";

/** The name of the private room of whom the server takes this client for, once a welcome has said who it is. */
export function inboxName(shell: ClientShell): Promise<string> {
  return Welcomes.of(shell).name();
}

/**
 * Those who wait for a welcome. Only the connection that there is can tell: a token may stand for somebody
 * else the next time, and what the last welcome said is then another's.
 *
 * It is loaded at the first call, and imports nothing that the client has already (see requests.ts).
 */
class Welcomes implements CoreExtra {
  readonly #shell: ClientShell;
  #waiting: Ticket[] = [];

  /** Those of that client; made at the first call. */
  static of(shell: ClientShell): Welcomes {
    const { extras } = shell.core;
    const before = extras.find((extra) => extra instanceof Welcomes);
    if (before !== undefined) return before;
    const welcomes = new Welcomes(shell);
    extras.push(welcomes);
    return welcomes;
  }

  private constructor(shell: ClientShell) {
    this.#shell = shell;
  }

  name(): Promise<string> {
    return this.#shell.ask((ticket) => {
      this.#waiting.push(ticket);
      this.#shell.core.connection.want();
    });
  }

  take(): boolean {
    return false;
  }

  pump(): void {
    const { connection, identity, turn } = this.#shell.core;
    const { phase, state } = connection;
    if (this.#waiting.length === 0 || (phase !== "welcomed" && state.kind !== "closed")) return;
    const outcome = state.kind === "closed" ? { failure: state } : { value: `@${identity}` };
    for (const ticket of this.#waiting.splice(0)) turn.settle(ticket, outcome);
  }
}
