/** Lines of a stack that are no more than the language's and the platform's own. */
const OWN_PLACE = /^\s*at (?!.*\(?node:)/;

const MAX_CHARACTERS = 300;

/**
 * What a host's hook threw, without its message, which may hold what the hook was asked about: a token, a
 * body. Kind, code and place are enough to find it.
 */
export function hookFaultText(fault: unknown): string {
  try {
    if (!(fault instanceof Error)) return `a thrown ${typeof fault}`;
    const { code } = fault as NodeJS.ErrnoException;
    // The message stands before the places, and may have lines that look like them.
    const places = afterMessage(fault).split("\n");
    const place = places.find((line) => OWN_PLACE.test(line))?.trim() ?? "at an unknown place";
    const words = [fault.constructor.name, ...(typeof code === "string" ? [code] : []), place];
    return words.join(" ").slice(0, MAX_CHARACTERS);
  } catch {
    // An object may throw even when it is only looked at.
    return `a thrown ${typeof fault}`;
  }
}

function afterMessage({ stack = "", message }: Error): string {
  const at = message === "" ? -1 : stack.lastIndexOf(message);
  return at < 0 ? stack : stack.slice(at + message.length);
}
