import type { Full, Verdict } from "./room-policy.ts";

export const OK: Verdict = Object.freeze({ ok: true });

export function no(message: string): Verdict & { readonly ok: false } {
  return { ok: false, code: "forbidden", message };
}

export function full(what: Full, message: string): Verdict & { readonly ok: false } {
  return { ok: false, code: what === "reports-full" ? "rate-limited" : "forbidden", message, full: what };
}
