/**
 * The child's side of `Child`: answers calls from the parent until it goes away. A call that throws is
 * answered with its message.
 */
export type Calls = Readonly<Record<string, (argument: never) => unknown>>;

export interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: string };

export function serve(calls: Calls): void {
  const run = async ({ name, argument }: Call): Promise<unknown> => {
    const call = calls[name] as ((argument: unknown) => unknown) | undefined;
    if (call === undefined) throw new Error(`no call is named ${name}`);
    return call(argument);
  };
  const answer = (message: Answer): void => void process.send?.(message);
  process.on("message", (call: Call) => {
    run(call).then(
      (value) => answer({ id: call.id, value }),
      (error: unknown) => answer({ id: call.id, fault: faultOf(error) }),
    );
  });
  // The parent died or let go: nothing here is worth finishing.
  process.on("disconnect", () => process.exit(0));
}

function faultOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
