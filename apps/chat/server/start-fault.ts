/** Why the server could not start as it was asked to: one sentence for people, and exit code 2. */
export class StartFault extends Error {
  constructor(sentence: string, cause: unknown) {
    super(/[.!?]$/.test(sentence) ? sentence : `${sentence}.`, { cause });
    this.name = "StartFault";
  }
}
