/** Which bytes of `size` a request is answered with. */
export type ByteRange =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "none" };

/**
 * Reads a `Range` header (RFC 9110, 14.2). One range is answered; several, and what is no range of bytes, are
 * passed over, as the standard allows. `end` is exclusive.
 */
export function byteRange(header: string | undefined, size: number): ByteRange {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec((header ?? "").trim());
  if (match === null) return { kind: "whole" };
  const [, first = "", last = ""] = match;
  if (first === "") {
    const length = Number(last);
    if (last === "") return { kind: "whole" };
    return length === 0 || size === 0
      ? { kind: "none" }
      : { kind: "part", start: Math.max(0, size - length), end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  if (last !== "" && Number(last) < start) return { kind: "whole" };
  return start >= size ? { kind: "none" } : { kind: "part", start, end };
}
