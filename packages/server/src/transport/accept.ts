/**
 * Whether an event stream is asked for, by an `Accept` header: by its name, and no less than JSON. JSON is the answer to
 * everybody else, wildcards too.
 */
export function wantsEventStream(accept = ""): boolean {
  const weight = weightOf("text/event-stream", accept);
  return weight > 0 && weight >= weightOf("application/json", accept);
}

/** 0 where it is not named. */
function weightOf(type: string, accept: string): number {
  let most = 0;
  for (const range of accept.toLowerCase().split(",")) {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim());
    if (name !== type) continue;
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    // What is no number is no wish to be left out.
    const given = weight === undefined ? 1 : Number(weight.slice(2));
    most = Math.max(most, Number.isNaN(given) ? 1 : given);
  }
  return most;
}
