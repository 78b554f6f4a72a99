/** What costs too much to be made before somebody needs it: made at the first call, the same at each. */
export function lazily<Made extends object>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}
